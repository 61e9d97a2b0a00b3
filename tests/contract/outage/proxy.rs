//! A TCP proxy before a server, that can hold back what the server says, or hang up in the middle of it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// The proxy; it ends with the test's runtime.
pub struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    delay_millis: AtomicU64,
    /// After so many bytes of the server a connection is cut; 0: never.
    cut_after: AtomicUsize,
    carried: AtomicUsize,
    connections: AtomicUsize,
}

impl Proxy {
    /// Before the server at `ldaps://IP:PORT`, at another port of the same address.
    pub async fn before(url: &str) -> Self {
        let server = url.strip_prefix("ldaps://").expect("an address with TLS");
        let (host, port) = server.split_once(':').unwrap_or((server, "636"));
        let server = format!("{host}:{port}");
        let listener = TcpListener::bind((host, 0)).await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let state = Arc::new(State::default());
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(carry(client, server.clone(), shared.clone()));
            }
        });
        Self { address, state }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("ldaps://{}", self.address)
    }

    /// Holds everything back for so long that the server says from now on.
    pub fn delay(&self, delay: Duration) {
        let millis = u64::try_from(delay.as_millis()).expect("a short time");
        self.state.delay_millis.store(millis, Ordering::SeqCst);
    }

    /// Cuts every connection after the server has said so many bytes on it; 0: none.
    pub fn cut_after(&self, bytes: usize) {
        self.state.cut_after.store(bytes, Ordering::SeqCst);
        self.state.carried.store(0, Ordering::SeqCst);
    }

    /// How many bytes the server has said since the last [`Proxy::cut_after`], on all connections.
    pub fn carried(&self) -> usize {
        self.state.carried.load(Ordering::SeqCst)
    }

    /// How many connections were made so far.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }
}

async fn carry(client: TcpStream, server: String, state: Arc<State>) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
        (client.into_split(), server.into_split());
    let asks = async {
        let _ = tokio::io::copy(&mut from_client, &mut to_server).await;
    };
    // Each piece is held back from when it came, so that an answer in two pieces is not held back twice.
    let (held, mut due) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let hears = async move {
        let mut bytes = vec![0; 16 * 1024];
        let mut said = 0;
        while let Ok(mut read @ 1..) = from_server.read(&mut bytes).await {
            let cut_after = state.cut_after.load(Ordering::SeqCst);
            let is_cut = cut_after > 0 && said + read >= cut_after;
            if is_cut {
                read = cut_after - said;
            }
            said += read;
            state.carried.fetch_add(read, Ordering::SeqCst);
            let delay = Duration::from_millis(state.delay_millis.load(Ordering::SeqCst));
            if held.send((Instant::now() + delay, bytes[..read].to_vec())).is_err() || is_cut {
                return;
            }
        }
    };
    let answers = async {
        while let Some((at, bytes)) = due.recv().await {
            sleep_until(at).await;
            if to_client.write_all(&bytes).await.is_err() {
                return;
            }
        }
    };
    let answers = async {
        tokio::join!(hears, answers);
    };
    tokio::select! {
        () = asks => {}
        () = answers => {}
    }
}
