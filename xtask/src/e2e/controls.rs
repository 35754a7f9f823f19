//! What the browser tests can do to the servers while they look at them: stop one, start it again, read what it has logged.
//!
//! `POST /web/stop`, `POST /web/start`, `POST /web/start-rate-limited`, `GET /web/log`, and the same for `/api`, on a port of
//! this machine, below a path that only the tests know. Each is answered when it is done.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use dev_postgres::new_secret;

use crate::context::Stop;
use crate::service::{Heard, Service, stop_all};
use crate::stack::{API, Stack, WEB, Web};

const UNLIMITED: Web = Web::Production {
    rate_limited: false,
};

pub(super) struct Controls<'a> {
    stack: &'a Stack<'a>,
    services: Mutex<Vec<Service<'a>>>,
    web: Log,
    api: Log,
}

impl<'a> Controls<'a> {
    pub(super) fn of(stack: &'a Stack<'a>) -> Controls<'a> {
        Controls {
            stack,
            services: Mutex::default(),
            web: Log::default(),
            api: Log::default(),
        }
    }

    pub(super) fn start_all(&self) -> Result<(), Stop> {
        let ear = |name| self.log(name).ear();
        self.stack.start(UNLIMITED, ear, &mut self.services())
    }

    pub(super) fn stop_all(&self) {
        stop_all(self.stack.context, &mut self.services());
    }

    /// What each server has said at last.
    pub(super) fn last_lines(&self, count: usize) -> impl Iterator<Item = (&'static str, String)> {
        [API, WEB].into_iter().flat_map(move |name| {
            let lines = self.log(name).lines();
            let from = lines.len().saturating_sub(count);
            lines
                .into_iter()
                .skip(from)
                .map(move |said| (name, said))
                .collect::<Vec<_>>()
        })
    }

    /// Does `work`, with the URL of these controls, and obeys them as long as it takes.
    pub(super) fn obey_during<T>(&self, work: impl FnOnce(&str) -> T) -> io::Result<T> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let path = format!("/{}", new_secret());
        let url = format!("http://{}{path}", listener.local_addr()?);
        let done = AtomicBool::new(false);
        Ok(thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Acquire) {
                    match listener.accept() {
                        // Whoever hangs up early is told nothing.
                        Ok((stream, _)) => drop(self.answer(stream, &path)),
                        Err(_) => thread::sleep(Duration::from_millis(10)),
                    }
                }
            });
            let result = work(&url);
            done.store(true, Ordering::Release);
            result
        }))
    }

    fn answer(&self, mut stream: TcpStream, path: &str) -> io::Result<()> {
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut head = BufReader::new(stream.try_clone()?).lines();
        let request = head.next().transpose()?.unwrap_or_default();
        // To the end of the head, or closing would reset the connection before the answer is read.
        while head
            .next()
            .transpose()?
            .is_some_and(|line| !line.is_empty())
        {}
        let (status, body) = match wish(&request, path).map(|wish| self.grant(wish)) {
            Some(Ok(text)) => ("200 OK", text),
            Some(Err(Stop::Failed(reason))) => ("500 Internal Server Error", reason),
            Some(Err(Stop::Interrupted | Stop::Told)) => {
                ("503 Service Unavailable", "stopping".to_owned())
            }
            None => ("404 Not Found", String::new()),
        };
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
    }

    fn grant(&self, (name, deed): (&'static str, Deed)) -> Result<String, Stop> {
        let heard = self.log(name).ear();
        let mut services = self.services();
        match deed {
            Deed::Log => return Ok(self.log(name).lines().join("\n")),
            Deed::Stop => services.retain_mut(|service| {
                let meant = service.name() == name;
                if meant {
                    service.stop(|| self.stack.context.stop_requests() > 1);
                }
                !meant
            }),
            Deed::Start(web) if name == WEB => self.stack.start_web(web, heard, &mut services)?,
            Deed::Start(web) => self.stack.start_api(web, heard, &mut services)?,
        }
        Ok(String::new())
    }

    fn log(&self, name: &str) -> &Log {
        if name == WEB { &self.web } else { &self.api }
    }

    fn services(&self) -> MutexGuard<'_, Vec<Service<'a>>> {
        self.services.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Start(Web),
    Stop,
    Log,
}

/// What the first line of a request asks for.
fn wish(request: &str, path: &str) -> Option<(&'static str, Deed)> {
    let mut words = request.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let (name, deed) = target
        .strip_prefix(path)?
        .strip_prefix('/')?
        .split_once('/')?;
    let name = [API, WEB].into_iter().find(|known| *known == name)?;
    let deed = match (method, deed) {
        ("POST", "start") => Deed::Start(UNLIMITED),
        ("POST", "start-rate-limited") => Deed::Start(Web::Production { rate_limited: true }),
        ("POST", "stop") => Deed::Stop,
        ("GET", "log") => Deed::Log,
        _ => return None,
    };
    Some((name, deed))
}

/// All that a server has said, over all its starts.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn ear(&self) -> Heard {
        let log = self.clone();
        Arc::new(move |line| log.kept().push(line.to_owned()))
    }

    fn lines(&self) -> Vec<String> {
        self.kept().clone()
    }

    fn kept(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_knows_the_path_is_obeyed_and_only_in_what_there_is() {
        for (request, expected) in [
            ("POST /s3cret/api/stop HTTP/1.1", Some((API, Deed::Stop))),
            (
                "POST /s3cret/web/start HTTP/1.1",
                Some((WEB, Deed::Start(UNLIMITED))),
            ),
            (
                "POST /s3cret/web/start-rate-limited HTTP/1.1",
                Some((WEB, Deed::Start(Web::Production { rate_limited: true }))),
            ),
            ("GET /s3cret/web/log HTTP/1.1", Some((WEB, Deed::Log))),
            ("GET /s3cret/api/stop HTTP/1.1", None),
            ("POST /s3cret/postgres/stop HTTP/1.1", None),
            ("POST /s3cret/api/stop/now HTTP/1.1", None),
            ("POST /guess/api/stop HTTP/1.1", None),
            ("POST /api/stop HTTP/1.1", None),
            ("", None),
        ] {
            assert_eq!(wish(request, "/s3cret"), expected, "{request}");
        }
    }

    #[test]
    fn a_log_keeps_what_was_said_over_several_starts() {
        let log = Log::default();
        log.ear()("first start");
        log.ear()("second start");
        assert_eq!(log.lines(), ["first start", "second start"]);
    }
}
