//! One GET, to see whether a server answers, and what.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// The status that `GET path` on this port of localhost is answered with.
pub(crate) fn status(port: u16, path: &str, patience: Duration) -> io::Result<u16> {
    let mut stream = ask(port, path, "", patience)?;
    read_status(&mut stream)
}

/// Status and body of the answer to `GET path` with this token.
pub(crate) fn get(
    port: u16,
    path: &str,
    token: &str,
    patience: Duration,
) -> io::Result<(u16, String)> {
    let authorization = format!("Authorization: Bearer {token}\r\n");
    let mut stream = ask(port, path, &authorization, patience)?;
    let status = read_status(&mut stream)?;
    let mut rest = String::new();
    stream.read_to_string(&mut rest)?;
    let (_, body) = rest
        .split_once("\r\n\r\n")
        .ok_or_else(|| io::Error::other("an HTTP answer without an end of its head"))?;
    Ok((status, body.to_owned()))
}

fn ask(port: u16, path: &str, headers: &str, patience: Duration) -> io::Result<TcpStream> {
    let mut stream = connect(port, patience)?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n{headers}Connection: close\r\n\r\n"
    );
    // At once: a server that answers the beginning and closes would cut the rest off, and its answer with it.
    stream.write_all(request.as_bytes())?;
    Ok(stream)
}

fn connect(port: u16, patience: Duration) -> io::Result<TcpStream> {
    // A server may listen on one of the two loopback addresses only.
    let mut last = io::Error::from(io::ErrorKind::ConnectionRefused);
    for address in ("localhost", port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, patience) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn read_status(stream: &mut TcpStream) -> io::Result<u16> {
    let mut head = [0; 12];
    stream.read_exact(&mut head)?;
    parse_status(&head).ok_or_else(|| io::Error::other("no HTTP answer"))
}

/// Reads `HTTP/1.1 200`.
fn parse_status(head: &[u8; 12]) -> Option<u16> {
    let text = std::str::from_utf8(head).ok()?.strip_prefix("HTTP/1.")?;
    text.get(2..)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn the_token_is_sent_and_the_body_is_read() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 1024];
            let length = stream.read(&mut request).unwrap();
            let answer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody";
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8_lossy(&request[..length]).into_owned()
        });
        let answer = get(port, "/a?b=c", "t.o.k", Duration::from_secs(2)).unwrap();
        assert_eq!(answer, (200, "body".to_owned()));
        let request = server.join().unwrap();
        assert!(request.starts_with("GET /a?b=c HTTP/1.1\r\n"), "{request}");
        assert!(
            request.contains("\r\nAuthorization: Bearer t.o.k\r\n"),
            "{request}"
        );
    }

    #[test]
    fn the_status_is_read_and_anything_else_is_an_error() {
        for (answer, expected) in [
            ("HTTP/1.1 204 No Content\r\n\r\n", Some(204)),
            ("HTTP/1.0 503 Unavailable\r\n\r\n", Some(503)),
            ("SSH-2.0-OpenSSH_9.2p1\r\n", None),
            ("HTTP/1.1", None),
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 1024];
                let _ = stream.read(&mut request);
                let _ = stream.write_all(answer.as_bytes());
            });
            let status = status(port, "/", Duration::from_secs(2));
            assert_eq!(status.ok(), expected, "{answer}");
        }
    }

    #[test]
    fn nobody_there_is_an_error() {
        let port = {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            listener.local_addr().unwrap().port()
        };
        assert!(status(port, "/", Duration::from_secs(1)).is_err());
    }
}
