//! The allocator of the WebAssembly module: an address that moves on, and back to its beginning before the next call.
//!
//! Nothing of Rust's stays behind between two calls: arguments come in, text goes out, and the rest is garbage. So nothing
//! is given back one by one, and the compiler leaves out all code that would have done it. What one call can take is bounded
//! by its input.

#![allow(unsafe_code, reason = "an allocator gives out memory; each use says why it is sound")]

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;
use std::ptr;

/// Hands out one range of addresses, which only grows.
pub struct Arena {
    /// Makes sure that there is memory up to an address; none when there is no more. Answers where the memory ended before.
    reserve: fn(usize) -> Option<usize>,
    /// Where the range begins; 0 before the first use.
    base: Cell<usize>,
    /// Where the free part begins: no address from here on is part of a block.
    top: Cell<usize>,
}

// SAFETY: used as the global allocator of a WebAssembly module without threads, and in tests by one thread.
unsafe impl Sync for Arena {}

impl Arena {
    pub const fn new(reserve: fn(usize) -> Option<usize>) -> Self {
        Self { reserve, base: Cell::new(0), top: Cell::new(0) }
    }

    /// Takes all blocks back.
    ///
    /// # Safety
    /// Nobody uses a block from before again.
    pub unsafe fn empty(&self) {
        self.top.set(self.base.get());
    }
}

// SAFETY: a block lies between `top` before it was taken and `top` after it, aligned as asked, in memory that `reserve`
// vouched for, and `top` goes back in two cases only: in `empty`, whose caller vouches that no block is in use, and where
// the last block shrinks, to its new end. So no block in use is ever handed out a second time.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if self.base.get() == 0 {
            let Some(base) = (self.reserve)(0) else { return ptr::null_mut() };
            self.base.set(base);
            self.top.set(base);
        }
        // An alignment is a power of two. Near the end of all addresses a sum may have no room in a number.
        let start = self.top.get().checked_next_multiple_of(layout.align());
        let end = start.and_then(|start| start.checked_add(layout.size()));
        let (Some(start), Some(end)) = (start, end.filter(|end| (self.reserve)(*end).is_some())) else {
            return ptr::null_mut();
        };
        self.top.set(end);
        ptr::with_exposed_provenance_mut(start)
    }

    #[inline(always)]
    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // The last block grows and shrinks where it is.
        let end = block.addr().checked_add(size).filter(|_| block.addr() + layout.size() == self.top.get());
        if let Some(end) = end.filter(|end| (self.reserve)(*end).is_some()) {
            self.top.set(end);
            return block;
        }
        // SAFETY: `size` is not zero, and no more than `isize::MAX` when rounded up to the alignment, as our caller vouches.
        let new = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !new.is_null() {
            // SAFETY: both blocks are at least so long, and they do not overlap, since the new one was handed out just now.
            unsafe { ptr::copy_nonoverlapping(block, new, layout.size().min(size)) };
        }
        new
    }
}

#[cfg(target_arch = "wasm32")]
pub use memory::ARENA;

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
    pub static ARENA: super::Arena = super::Arena::new(reserve);
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
    fn where_addresses_end_there_is_no_block() {
        const BASE: usize = usize::MAX - 4095;
        // All of it is there, as far as this knows; nothing is written.
        let arena = Arena::new(|_| Some(BASE));
        let layout = |size, align| Layout::from_size_align(size, align).unwrap();
        // SAFETY: the sizes are not zero, and no block is used.
        unsafe {
            let block = arena.alloc(layout(64, 1));
            assert_eq!(block.addr(), BASE);
            assert!(arena.alloc(layout(4096, 1)).is_null());
            assert!(arena.alloc(layout(1, 1 << 13)).is_null());
            assert!(arena.realloc(block, layout(64, 1), 8192).is_null());
            assert_eq!(arena.alloc(layout(64, 1)).addr(), BASE + 64);
        }
    }

    #[test]
    fn blocks_keep_what_was_written_into_them() {
        struct Block {
            start: *mut u8,
            layout: Layout,
            mark: u8,
        }
        let holds = |block: &Block| {
            // SAFETY: the block is that long and in use.
            let bytes = unsafe { std::slice::from_raw_parts(block.start, block.layout.size()) };
            bytes.iter().all(|byte| *byte == block.mark)
        };
        let arena = Arena::new(reserve);
        let state = &mut 1;
        let mut blocks: Vec<Block> = Vec::new();
        let (mut refused, mut emptied, mut in_place) = (0, 0, 0);
        for step in 0..200_000_u32 {
            let mark = step as u8;
            if random(state).is_multiple_of(40) {
                assert!(blocks.iter().all(holds), "step {step}");
                blocks.clear();
                // SAFETY: the blocks are forgotten.
                unsafe { arena.empty() };
                emptied += 1;
                continue;
            }
            let size = 1 + random(state) % 3000;
            let block = match blocks.len() {
                0 => None,
                count if step % 2 == 0 => blocks.get_mut(count - 1),
                count => blocks.get_mut(random(state) % (2 * count)),
            };
            let (start, layout) = match &block {
                Some(block) => {
                    // SAFETY: the block is in use and has this layout.
                    let start = unsafe { arena.realloc(block.start, block.layout, size) };
                    in_place += u32::from(start == block.start);
                    if !start.is_null() {
                        let kept = block.layout.size().min(size);
                        let layout = Layout::from_size_align(kept, 1).unwrap();
                        assert!(holds(&Block { start, layout, mark: block.mark }), "step {step}");
                    }
                    (start, Layout::from_size_align(size, block.layout.align()).unwrap())
                }
                None => {
                    let layout = Layout::from_size_align(size, 1 << (random(state) % 5)).unwrap();
                    // SAFETY: the size is not zero.
                    (unsafe { arena.alloc(layout) }, layout)
                }
            };
            if start.is_null() {
                refused += 1;
                continue;
            }
            assert_eq!(start.addr() % layout.align(), 0);
            // SAFETY: the block is that long and ours.
            unsafe { start.write_bytes(mark, size) };
            match block {
                Some(block) => *block = Block { start, layout, mark },
                None => blocks.push(Block { start, layout, mark }),
            }
        }
        // Each case has been there.
        assert!(refused > 10 && emptied > 10 && in_place > 10, "{refused} {emptied} {in_place}");
    }
}
