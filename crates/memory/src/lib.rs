//! Memory that SQLite has freed goes back to the system. The C library keeps it: pages of a cache lie between statements that
//! stay, and only the end of a heap is given back by itself. This crate makes one call and must never grow: it is the only
//! place where unsafe code stands.

/// Asks the C library to give back what it keeps of freed memory. It walks all of its heaps and holds up whoever allocates
/// from them meanwhile, a few milliseconds; call it when there is nothing to do. Where the C library is another one
/// nothing happens.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "the C library offers it in no other way")]
pub fn give_back() {
    // SAFETY: `malloc_trim` takes a number and no pointer, may be called from any thread at any time, and leaves whatever is in
    // use where it is (malloc_trim(3)).
    unsafe { libc::malloc_trim(0) };
}

/// Asks the C library to give back what it keeps of freed memory; this one has nothing of the kind.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_back() {}
