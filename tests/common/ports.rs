//! Ports for programs that are told on which one to listen, and begin to a moment later. Shared by the contract and the
//! browser tests.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the ports that the kernel hands out by itself, of which any outgoing connection may take one in the meantime,
/// and below those of the rigs; none of them is one that browsers refuse.
const FIRST: u16 = 11_000;
const MANY: u16 = 9_000;

/// Ports of 127.0.0.1 on which nobody listens, each given once by this process.
pub fn free_ports<const N: usize>() -> [u16; N] {
    static GIVEN: AtomicU16 = AtomicU16::new(0);
    // Whoever tests beside on the same machine begins elsewhere.
    let begin = (std::process::id() % u32::from(MANY)) * 37 % u32::from(MANY);
    [(); N].map(|()| {
        let mut all = (0..MANY).map(|_| u32::from(GIVEN.fetch_add(1, Ordering::SeqCst)));
        let free = all.find_map(|number| {
            let port = FIRST + u16::try_from((begin + number) % u32::from(MANY)).ok()?;
            TcpListener::bind(("127.0.0.1", port)).ok()?;
            Some(port)
        });
        free.expect("one of so many ports is free")
    })
}
