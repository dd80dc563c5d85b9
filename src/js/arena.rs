//! The allocator of the WebAssembly module: a pointer that moves on, and back to its beginning when nothing is left.
//!
//! That is enough here, since nothing stays behind between two calls but the last answer: every call begins with an empty
//! arena. It takes a fiftieth of the size of a general allocator. Memory that is given back out of turn is lost until the
//! arena is empty again, which no call is long enough to feel.

#![allow(unsafe_code, reason = "an allocator gives out memory; each use says why it is sound")]

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;
use std::ptr;

/// Hands out one range of addresses, which only grows.
pub struct Arena {
    /// Makes sure that there is memory up to an address; none when there is no more. Answers where the range begins, for
    /// the first call, made with 0.
    reserve: fn(usize) -> Option<usize>,
    /// Where the range begins; 0 before the first use.
    base: Cell<usize>,
    /// Where the free part begins: no address from here on is part of a living block.
    top: Cell<usize>,
    /// How many blocks live.
    live: Cell<usize>,
}

// SAFETY: used as the global allocator of a WebAssembly module without threads, and in tests by one thread.
unsafe impl Sync for Arena {}

impl Arena {
    pub const fn new(reserve: fn(usize) -> Option<usize>) -> Self {
        Self { reserve, base: Cell::new(0), top: Cell::new(0), live: Cell::new(0) }
    }

    /// The start of so many bytes above all living blocks, which are taken.
    fn take(&self, layout: Layout) -> Option<usize> {
        if self.base.get() == 0 {
            let base = (self.reserve)(0)?;
            self.base.set(base);
            self.top.set(base);
        }
        // An alignment is a power of two.
        let start = self.top.get().checked_add(layout.align() - 1)? & !(layout.align() - 1);
        let end = start.checked_add(layout.size())?;
        (self.reserve)(end)?;
        self.top.set(end);
        Some(start)
    }
}

// SAFETY: a block lies between `top` before it was taken and `top` after it, aligned as asked, in memory that `reserve`
// vouched for. `top` goes back in two cases only: below the block that is given back, when that ends at `top`, so that it
// was the last; and to the base, when no block lives. So no living block is ever handed out a second time.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(start) = self.take(layout) else { return ptr::null_mut() };
        self.live.set(self.live.get() + 1);
        ptr::with_exposed_provenance_mut(start)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        self.live.set(self.live.get() - 1);
        if self.live.get() == 0 {
            self.top.set(self.base.get());
        } else if block.addr() + layout.size() == self.top.get() {
            self.top.set(block.addr());
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // The last block grows and shrinks where it is.
        if block.addr() + layout.size() == self.top.get() {
            let Some(end) = block.addr().checked_add(size).filter(|end| (self.reserve)(*end).is_some()) else {
                return ptr::null_mut();
            };
            self.top.set(end);
            return block;
        }
        if size <= layout.size() {
            return block;
        }
        // SAFETY: `size` is no more than `isize::MAX` when rounded up to the alignment, as for this whole function.
        let new = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !new.is_null() {
            // SAFETY: the old block lives and is shorter, and the new one overlaps with no living block. The old one is
            // given back, which leaves the new one alive and so does not empty the arena.
            unsafe {
                ptr::copy_nonoverlapping(block, new, layout.size());
                self.dealloc(block, layout);
            }
        }
        new
    }
}

#[cfg(target_arch = "wasm32")]
mod memory {
    use std::arch::wasm32::{memory_grow, memory_size};

    const PAGE: usize = 64 * 1024;

    /// The memory from its end at the time of the first use.
    fn reserve(end: usize) -> Option<usize> {
        let now = memory_size::<0>() * PAGE;
        if end > now && memory_grow::<0>((end - now).div_ceil(PAGE)) == usize::MAX {
            return None;
        }
        Some(now)
    }

    #[global_allocator]
    static ARENA: super::Arena = super::Arena::new(reserve);
}

#[cfg(test)]
mod tests {
    use std::alloc::{GlobalAlloc, Layout};
    use std::sync::OnceLock;

    use super::Arena;

    const SIZE: usize = 1 << 16;

    /// One range of memory for the test.
    fn reserve(end: usize) -> Option<usize> {
        static MEMORY: OnceLock<usize> = OnceLock::new();
        let base = *MEMORY
            .get_or_init(|| Box::leak(vec![0_u128; SIZE / 16].into_boxed_slice()).as_mut_ptr().expose_provenance());
        (end <= base + SIZE).then_some(base)
    }

    /// Random numbers that are the same each time.
    fn random(state: &mut u64) -> usize {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*state >> 33) as usize
    }

    #[test]
    fn living_blocks_keep_what_was_written_into_them() {
        struct Block {
            start: *mut u8,
            layout: Layout,
            mark: u8,
        }
        let arena = Arena::new(reserve);
        let state = &mut 1;
        let mut living: Vec<Block> = Vec::new();
        let (mut refused, mut emptied, mut in_place) = (0, 0, 0);
        for step in 0..200_000_u32 {
            let mark = step as u8;
            match random(state) % 5 {
                0 | 1 if living.len() < 60 => {
                    let layout = Layout::from_size_align(1 + random(state) % 1000, 1 << (random(state) % 5)).unwrap();
                    // SAFETY: the size is not zero.
                    let start = unsafe { arena.alloc(layout) };
                    if start.is_null() {
                        refused += 1;
                        continue;
                    }
                    assert_eq!(start.addr() % layout.align(), 0);
                    // SAFETY: the block is that long and ours.
                    unsafe { start.write_bytes(mark, layout.size()) };
                    living.push(Block { start, layout, mark });
                }
                2 if !living.is_empty() => {
                    let at = if step % 2 == 0 { living.len() - 1 } else { random(state) % living.len() };
                    let block = &mut living[at];
                    let size = 1 + random(state) % 2000;
                    // SAFETY: the block lives and has this layout.
                    let new = unsafe { arena.realloc(block.start, block.layout, size) };
                    if new.is_null() {
                        refused += 1;
                        continue;
                    }
                    in_place += u32::from(new == block.start);
                    // SAFETY: as much as was copied is still there, and all of it is ours.
                    unsafe {
                        let kept = std::slice::from_raw_parts(new, block.layout.size().min(size));
                        assert!(kept.iter().all(|byte| *byte == block.mark), "step {step}");
                        new.write_bytes(mark, size);
                    }
                    *block = Block {
                        start: new,
                        layout: Layout::from_size_align(size, block.layout.align()).unwrap(),
                        mark,
                    };
                }
                3 | 4 if !living.is_empty() => {
                    let all = random(state).is_multiple_of(50);
                    for _ in 0..if all { living.len() } else { 1 } {
                        let at = if step % 2 == 0 { living.len() - 1 } else { random(state) % living.len() };
                        let block = living.swap_remove(at);
                        // SAFETY: the block lives until here.
                        unsafe {
                            let whole = std::slice::from_raw_parts(block.start, block.layout.size());
                            assert!(whole.iter().all(|byte| *byte == block.mark), "step {step}");
                            arena.dealloc(block.start, block.layout);
                        }
                    }
                    emptied += u32::from(living.is_empty());
                    if living.is_empty() {
                        assert_eq!(arena.top.get(), arena.base.get());
                    }
                }
                _ => {}
            }
        }
        // Each case has been there.
        assert!(refused > 10 && emptied > 10 && in_place > 10, "{refused} {emptied} {in_place}");
    }
}
