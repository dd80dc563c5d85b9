//! How many steps something took, counted in the tests and under the fuzzer, to see that it is linear. Elsewhere this is
//! nothing.

#[cfg(any(test, fuzzing))]
mod counted {
    use std::cell::Cell;

    thread_local! {
        static STEPS: Cell<usize> = const { Cell::new(0) };
    }

    pub fn count(steps: usize) {
        STEPS.set(STEPS.get() + steps);
    }

    /// How many steps were counted in this thread since this was asked.
    pub fn taken() -> usize {
        STEPS.replace(0)
    }
}

#[cfg(any(test, fuzzing))]
pub use counted::{count, taken};

/// Counts nothing.
#[cfg(not(any(test, fuzzing)))]
#[inline(always)]
pub(crate) const fn count(_: usize) {}
