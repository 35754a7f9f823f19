//! The issuer's thread: its port opens, closes and stays ours.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};

use actix_http::{HttpService, Request};
use actix_service::{Service, ServiceFactory};
use tokio::net::TcpSocket;
use tokio::sync::oneshot;

use super::State;
use super::answer::answer;

#[derive(Debug)]
pub(super) enum Running {
    Up {
        stop: oneshot::Sender<()>,
        thread: JoinHandle<()>,
    },
    Down(TcpSocket),
    Ended,
}

impl Running {
    /// Serves from a thread of its own; returns once connections are accepted.
    pub(super) fn serve(socket: TcpSocket, state: &Arc<Mutex<State>>) -> Self {
        let state = Arc::clone(state);
        let (stop, stopped) = oneshot::channel();
        let (listening, is_listening) = mpsc::channel();
        let thread = thread::spawn(move || {
            // When this ends, the runtime goes, and every connection goes with it.
            let serving = accept(socket, state, listening, stopped);
            actix_rt::System::new()
                .block_on(serving)
                .expect("the socket accepts connections");
        });
        is_listening.recv().expect("the issuer's thread listens");
        Self::Up { stop, thread }
    }

    pub(super) fn go_down(&mut self, address: SocketAddr) {
        if let Self::Up { .. } = self {
            self.stop();
            // Bound without listening, the port refuses connections and stays ours.
            let socket = bound(address).expect("the port that was ours is still free");
            *self = Self::Down(socket);
        }
    }

    pub(super) fn come_back(&mut self, state: &Arc<Mutex<State>>) {
        *self = match std::mem::replace(self, Self::Ended) {
            Self::Down(socket) => Self::serve(socket, state),
            other => other,
        };
    }

    pub(super) fn stop(&mut self) {
        if let Self::Up { stop, thread } = std::mem::replace(self, Self::Ended) {
            // Both fail only when the thread has panicked, and then it has said so.
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}

pub(super) fn bound(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

async fn accept(
    socket: TcpSocket,
    state: Arc<Mutex<State>>,
    listening: mpsc::Sender<()>,
    mut stopped: oneshot::Receiver<()>,
) -> io::Result<()> {
    const BACKLOG: u32 = 1024;
    let listener = socket.listen(BACKLOG)?;
    let of_requests = Arc::clone(&state);
    let http = HttpService::build()
        .h1(move |request: Request| answer(request, Arc::clone(&of_requests)))
        .tcp()
        .new_service(())
        .await
        .map_err(|()| io::Error::other("the http service does not start"))?;
    // Nobody waits for this only when the caller has panicked.
    let _ = listening.send(());
    loop {
        tokio::select! {
            _ = &mut stopped => return Ok(()),
            accepted = listener.accept() => {
                let (connection, _) = accepted?;
                state.lock().unwrap_or_else(PoisonError::into_inner).connections += 1;
                actix_rt::spawn(http.call(connection));
            }
        }
    }
}
