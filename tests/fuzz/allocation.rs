//! Counts what a thread allocates, so that a test can put a bound on it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, with a count per thread.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    /// Bytes allocated and not freed since the count began; `None` while nobody counts.
    static LIVE: Cell<Option<isize>> = const { Cell::new(None) };
    /// The most that [`LIVE`] has been.
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

/// The most bytes of memory that `work` held at a time, beyond what was there before.
pub(crate) fn peak<T>(work: impl FnOnce() -> T) -> (usize, T) {
    PEAK.set(0);
    LIVE.set(Some(0));
    let result = work();
    LIVE.set(None);
    (PEAK.get().unsigned_abs(), result)
}

fn count(change: isize) {
    // A thread that ends frees memory after its thread-local values are gone.
    let _ = LIVE.try_with(|live| {
        if let Some(before) = live.get() {
            let now = before + change;
            live.set(Some(now));
            PEAK.set(PEAK.get().max(now));
        }
    });
}

// SAFETY: every call is passed on unchanged to the system's allocator, and counting does not
// allocate. The default `realloc` calls these two, so that both blocks count while it copies.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller keeps the contract of `dealloc`, and `block` came from `System`.
        unsafe { System.dealloc(block, layout) }
    }
}

#[test]
fn the_peak_counts_what_was_held_at_a_time() {
    let (peak, ()) = peak(|| {
        drop(vec![0u8; 3000]);
        drop(vec![0u8; 5000]);
    });
    assert_eq!(peak, 5000);
}
