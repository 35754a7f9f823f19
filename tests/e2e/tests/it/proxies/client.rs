use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    sync::OnceLock,
    time::Duration,
};

use openssl::ssl::{SslConnector, SslMethod, SslStream, SslVerifyMode};

/// One connection to a proxy, by TLS, as wide awake as a client can be: everything that goes wrong on it is told.
pub struct Connection {
    stream: BufReader<SslStream<TcpStream>>,
}

/// One request.
pub struct Call {
    head: String,
    body: String,
}

/// One answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: String,
    /// Whether the connection can be used again.
    pub goes_on: bool,
}

/// Why there is none.
#[derive(Debug)]
pub struct Cut {
    /// Not a byte of an answer had come.
    pub before_answer: bool,
    #[expect(dead_code, reason = "told with the rest, where a request is lost")]
    pub why: io::Error,
}

impl Call {
    pub fn get(token: &str, path: &str, headers: &str) -> Self {
        let head = format!("GET {path} HTTP/1.1\r\nHost: api.example.com\r\n{headers}");
        Self::with(head, token, String::new())
    }

    /// Makes a task of this title.
    pub fn post(token: &str, title: &str) -> Self {
        let body = serde_json::json!({ "title": title }).to_string();
        let head = format!(
            "POST /api/v1/me/tasks HTTP/1.1\r\nHost: api.example.com\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n",
            body.len()
        );
        Self::with(head, token, body)
    }

    pub fn with_key(mut self, key: &str) -> Self {
        self.head = format!("{}Idempotency-Key: \"{key}\"\r\n", self.head);
        self
    }

    pub fn on_its_own_connection(mut self) -> Self {
        self.head += "Connection: close\r\n";
        self
    }

    fn with(mut head: String, token: &str, body: String) -> Self {
        head += &format!("Authorization: Bearer {token}\r\n");
        Self { head, body }
    }
}

impl Connection {
    pub fn open(port: u16) -> Self {
        Self::try_open(port).unwrap_or_else(|why| panic!("the proxy takes no connection: {why}"))
    }

    pub fn try_open(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(40)))?;
        let stream = tls().connect("api.example.com", stream);
        let stream = stream.map_err(|error| io::Error::other(error.to_string()))?;
        Ok(Self {
            stream: BufReader::new(stream),
        })
    }

    /// For ending it from another thread.
    pub fn socket(&self) -> TcpStream {
        self.stream.get_ref().get_ref().try_clone().unwrap()
    }

    pub fn call(&mut self, call: &Call) -> Result<Answer, Cut> {
        let head = self.begin(call)?;
        let body = self.body(&head).map_err(|why| Cut {
            before_answer: false,
            why,
        })?;
        Ok(Answer {
            status: head.status,
            goes_on: !head.closes,
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    }

    /// Sends it and reads the head of the answer.
    pub fn begin(&mut self, call: &Call) -> Result<Head, Cut> {
        let nothing_came = |why| Cut {
            before_answer: true,
            why,
        };
        // In one piece, as clients do.
        let bytes = format!("{}\r\n{}", call.head, call.body);
        let stream = self.stream.get_mut();
        stream.write_all(bytes.as_bytes()).map_err(nothing_came)?;
        if self.stream.fill_buf().map_err(nothing_came)?.is_empty() {
            return Err(nothing_came(io::ErrorKind::UnexpectedEof.into()));
        }
        Head::read(&mut self.stream).map_err(|why| Cut {
            before_answer: false,
            why,
        })
    }

    /// The next piece of a body of unknown length; `None` at its end.
    pub fn chunk(&mut self) -> io::Result<Option<Vec<u8>>> {
        let line = line(&mut self.stream)?;
        let size = usize::from_str_radix(line.split(';').next().unwrap_or_default(), 16);
        let size = size.map_err(|_| io::Error::other(format!("no length of a chunk: {line:?}")))?;
        let mut piece = vec![0; size + 2];
        self.stream.read_exact(&mut piece)?;
        piece.truncate(size);
        Ok((size > 0).then_some(piece))
    }

    fn body(&mut self, head: &Head) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        match head.length {
            Some(length) => {
                body.resize(length, 0);
                self.stream.read_exact(&mut body)?;
            }
            None => {
                while let Some(piece) = self.chunk()? {
                    body.extend(piece);
                }
            }
        }
        Ok(body)
    }
}

/// What of an answer's head matters here.
#[derive(Debug)]
pub struct Head {
    pub status: u16,
    /// `None`: in chunks.
    length: Option<usize>,
    closes: bool,
}

impl Head {
    fn read(stream: &mut impl BufRead) -> io::Result<Self> {
        let first = line(stream)?;
        let status = first.strip_prefix("HTTP/1.1 ").and_then(|it| it.get(..3));
        let status = status.and_then(|status| status.parse().ok());
        let mut head = Self {
            status: status.ok_or_else(|| io::Error::other(format!("no answer: {first:?}")))?,
            length: None,
            closes: false,
        };
        loop {
            let line = line(stream)?.to_ascii_lowercase();
            if line.is_empty() {
                return Ok(head);
            } else if let Some(length) = line.strip_prefix("content-length: ") {
                head.length = length.parse().ok();
            } else if line == "connection: close" {
                head.closes = true;
            }
        }
    }
}

/// Made once: it loads every certificate that this machine trusts.
fn tls() -> &'static SslConnector {
    static TLS: OnceLock<SslConnector> = OnceLock::new();
    TLS.get_or_init(|| {
        let mut tls = SslConnector::builder(SslMethod::tls()).unwrap();
        // The certificate is the test's own.
        tls.set_verify(SslVerifyMode::NONE);
        tls.build()
    })
}

fn line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    match stream.read_line(&mut line)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(line.trim_end().to_owned()),
    }
}
