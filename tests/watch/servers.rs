//! Servers on the loopback that answer in whatever way, until they are dropped.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::sleep;

/// What a server does with a connection.
pub(crate) type Manner = fn(TcpStream, usize) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// Servers on a thread of their own.
pub(crate) struct Servers {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    /// Where they are, in the order of their manners.
    pub(crate) places: Vec<SocketAddr>,
    /// Connections at the same time, now and at most.
    counts: Arc<[AtomicUsize; 2]>,
}

impl Servers {
    pub(crate) fn start(manners: Vec<Manner>) -> Servers {
        let listeners: Vec<std::net::TcpListener> =
            manners.iter().map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let places = listeners.iter().map(|one| one.local_addr().unwrap()).collect();
        let counts = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
        let (stop, stopped) = oneshot::channel();
        let counted = Arc::clone(&counts);
        let thread = std::thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            runtime.enable_all().build().unwrap().block_on(async move {
                for (listener, manner) in listeners.into_iter().zip(manners) {
                    listener.set_nonblocking(true).unwrap();
                    let listener = TcpListener::from_std(listener).unwrap();
                    tokio::spawn(serve(listener, manner, Arc::clone(&counted)));
                }
                let _ = stopped.await;
            });
        });
        Servers { stop: Some(stop), thread: Some(thread), places, counts }
    }

    /// Connections at the same time, at most so far.
    pub(crate) fn most(&self) -> usize {
        self.counts[1].load(Ordering::SeqCst)
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        self.thread.take().unwrap().join().unwrap();
    }
}

async fn serve(listener: TcpListener, manner: Manner, counts: Arc<[AtomicUsize; 2]>) {
    for number in 0.. {
        let Ok((stream, _)) = listener.accept().await else { return };
        let now = counts[0].fetch_add(1, Ordering::SeqCst) + 1;
        counts[1].fetch_max(now, Ordering::SeqCst);
        let counts = Arc::clone(&counts);
        tokio::spawn(async move {
            manner(stream, number).await;
            counts[0].fetch_sub(1, Ordering::SeqCst);
        });
    }
}

/// Reads the head of a question.
pub(crate) async fn question(stream: &mut TcpStream) -> String {
    let (mut text, mut piece) = (Vec::new(), [0; 1024]);
    while !text.windows(4).any(|four| four == b"\r\n\r\n") {
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => break,
            Ok(length) => text.extend(&piece[..length]),
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// Reads a question and answers with these bytes; whoever does not take them is left alone.
pub(crate) async fn answer(mut stream: TcpStream, bytes: impl AsRef<[u8]>) {
    question(&mut stream).await;
    let _ = stream.write_all(bytes.as_ref()).await;
    let _ = stream.shutdown().await;
    // The other side closes once it has read all; a reset could overtake the answer.
    let _ = stream.read(&mut [0; 64]).await;
}

/// Writes the same for ever, with pauses.
pub(crate) async fn endless(mut stream: TcpStream, head: &str, piece: &[u8], pause: Duration) {
    question(&mut stream).await;
    let _ = stream.write_all(head.as_bytes()).await;
    while stream.write_all(piece).await.is_ok() {
        sleep(pause).await;
    }
}

/// An answer with a body.
pub(crate) fn http(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}
