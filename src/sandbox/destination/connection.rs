//! Connections: accepting them, and answering on them in the manner that a fault asks for.

use super::fault::Manner;
use super::http::{self, ReadError, Request};
use super::reply::Reply;
use super::{Shared, api};
use bytes::BytesMut;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// Connections at a time; more wait in the listener's queue.
const CONNECTIONS_MAX: usize = 1_024;
/// After a failed accept, so that a machine short of files is not asked without a break.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);
const ENDLESS_CHUNK_BYTES: usize = 64 * 1_024;

/// Serves until told to stop; whatever is under way then is dropped with the runtime.
pub(super) async fn accept(
    listener: TcpListener,
    shared: Arc<Shared>,
    mut stopped: oneshot::Receiver<()>,
) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let (stream, slot) = tokio::select! {
            _ = &mut stopped => return,
            next = next_connection(&listener, &slots) => match next {
                Some(next) => next,
                None => continue,
            },
        };
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            serve(stream, &shared).await;
            drop(slot);
        });
    }
}

async fn next_connection(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let slot = Arc::clone(slots).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, slot)),
        Err(_) => {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

/// Answers one request after the other until either side ends the connection.
async fn serve(mut stream: TcpStream, shared: &Shared) {
    // Only speed is at stake.
    let _ = stream.set_nodelay(true);
    let mut buffer = BytesMut::new();
    loop {
        let keep_alive = match http::read(&mut stream, &mut buffer).await {
            Ok(request) => answer(&mut stream, shared, request).await,
            Err(ReadError::Closed) => return,
            Err(ReadError::Refused(status)) => {
                let head = http::head(status, &[]);
                // The client is told as a courtesy; the connection ends either way.
                let _ =
                    stream.write_all(format!("{head}Content-Length: 0\r\n\r\n").as_bytes()).await;
                return;
            }
        };
        if !matches!(keep_alive, Ok(true)) {
            return;
        }
    }
}

/// Answers one request; whether the connection can take another one.
async fn answer(stream: &mut TcpStream, shared: &Shared, request: Request) -> io::Result<bool> {
    let (reply, number) =
        shared.update(|state, now| (api::reply(state, &request, now), state.requests_total));
    let bytes = reply.bytes();
    match reply.manner {
        Manner::Whole => stream.write_all(&bytes).await?,
        Manner::Held => {
            let mut released = shared.released.subscribe();
            let _ = released.wait_for(|last| *last >= number).await;
            stream.write_all(&bytes).await?;
        }
        Manner::Half => {
            stream.write_all(&reply.half_the_bytes()).await?;
            return Ok(false);
        }
        Manner::Endless => return endless(stream, &reply).await,
        Manner::Never => return silence(stream).await,
        Manner::Reset => {
            // Without lingering, closing sends a reset instead of a proper end.
            stream.set_zero_linger()?;
            return Ok(false);
        }
    }
    Ok(request.keep_alive)
}

/// Says nothing until the client gives up.
async fn silence(stream: &mut TcpStream) -> io::Result<bool> {
    let mut ignored = [0; 1_024];
    while stream.read(&mut ignored).await? > 0 {}
    Ok(false)
}

/// Writes body until the client gives up.
async fn endless(stream: &mut TcpStream, reply: &Reply) -> io::Result<bool> {
    let head = http::head(reply.status, &reply.headers);
    stream.write_all(format!("{head}Transfer-Encoding: chunked\r\n\r\n").as_bytes()).await?;
    let chunk = format!("{ENDLESS_CHUNK_BYTES:x}\r\n{}\r\n", " ".repeat(ENDLESS_CHUNK_BYTES));
    loop {
        stream.write_all(chunk.as_bytes()).await?;
    }
}
