//! Machines that tell by themselves how they are: posts of `status.json`.
//!
//! In: connections of anybody. Out: a state for the machine whose token comes along; anything else
//! is refused. Connections, their time and the size of what they bring are bounded.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::AUTHORIZATION;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use sha2::{Digest, Sha256};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, mpsc::UnboundedSender};
use tokio::time::{sleep, timeout};

use super::ask::LARGEST;
use super::board::Board;
use super::rounds::Heard;
use super::state::State;
use super::status::Status;
use crate::secret::Secret;

/// Connections at the same time; others wait.
const JOBS: usize = 128;
/// Longest time of one.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of the head of a request.
const LARGEST_HEAD: usize = 16 << 10;

/// Sum of a token.
type Key = [u8; 32];

/// Where machines tell, and who is believed.
pub struct Listener {
    socket: TcpListener,
    /// Places on the board by the sums of tokens: comparing them tells nothing of a token.
    known: HashMap<Key, usize>,
}

impl Listener {
    /// Believes whoever sends the token of a student who is on the board.
    ///
    /// # Errors
    /// The socket is no good.
    pub fn new<'a>(
        socket: TcpListener,
        board: &Board,
        tokens: impl IntoIterator<Item = (&'a str, &'a Secret<String>)>,
    ) -> io::Result<Listener> {
        socket.set_nonblocking(true)?;
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (at, machine) in board.machines().iter().enumerate() {
            places.entry(&machine.student).or_insert(at);
        }
        let known = tokens.into_iter();
        let known =
            known.filter_map(|(student, token)| Some((key(token.expose()), *places.get(student)?)));
        Ok(Listener { socket, known: known.collect() })
    }

    /// How many machines are believed.
    pub fn known(&self) -> usize {
        self.known.len()
    }

    /// Takes connections until nobody listens to what is heard.
    pub(super) async fn serve(self, heard: UnboundedSender<(usize, Heard)>) {
        let Ok(socket) = tokio::net::TcpListener::from_std(self.socket) else { return };
        let (known, jobs) = (Arc::new(self.known), Arc::new(Semaphore::new(JOBS)));
        while let Ok(job) = Arc::clone(&jobs).acquire_owned().await {
            let Ok((stream, _)) = socket.accept().await else {
                // Most likely no handle is free.
                sleep(Duration::from_millis(100)).await;
                continue;
            };
            let (known, heard) = (Arc::clone(&known), heard.clone());
            tokio::spawn(async move {
                let _ = timeout(PATIENCE, connection(stream, &known, &heard)).await;
                drop(job);
            });
        }
    }
}

fn key(token: &str) -> Key {
    Sha256::digest(token).into()
}

async fn connection(
    stream: TcpStream,
    known: &HashMap<Key, usize>,
    heard: &UnboundedSender<(usize, Heard)>,
) {
    let service = service_fn(|request| async move {
        let status = take(request, known, heard)
            .await
            .map_or_else(|status| status, |()| StatusCode::NO_CONTENT);
        let mut answer = Response::new(Empty::<Bytes>::new());
        *answer.status_mut() = status;
        Ok::<_, Infallible>(answer)
    });
    let mut server = http1::Builder::new();
    server.keep_alive(false).max_buf_size(LARGEST_HEAD);
    // Whatever went wrong is the sender's trouble.
    let _ = server.serve_connection(TokioIo::new(stream), service).await;
}

/// Takes a post, or says with which status it is refused.
async fn take(
    request: Request<Incoming>,
    known: &HashMap<Key, usize>,
    heard: &UnboundedSender<(usize, Heard)>,
) -> Result<(), StatusCode> {
    let token = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = token.and_then(|value| value.strip_prefix("Bearer "));
    let place = token.and_then(|token| known.get(&key(token.trim())));
    let place = *place.ok_or(StatusCode::UNAUTHORIZED)?;
    if request.method() != Method::POST {
        return Err(StatusCode::METHOD_NOT_ALLOWED);
    }
    let body = Limited::new(request.into_body(), LARGEST).collect().await;
    let body = body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?.to_bytes();
    let status = Status::read(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    heard
        .send((place, Heard::Told(State::from(status))))
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}
