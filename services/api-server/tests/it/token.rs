//! `token`: getting one from Better Auth.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    process::Stdio,
    sync::mpsc,
    thread,
};

use crate::support::program;

/// What a Better Auth sees and answers: one answer for each path, and a note of each request.
struct BetterAuth {
    url: String,
    asked: mpsc::Receiver<String>,
}

impl BetterAuth {
    fn answering(answers: &'static [(&'static str, &'static str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (note, asked) = mpsc::channel();
        thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let request = read(&mut connection);
                let path = request.split(' ').nth(1).unwrap_or_default();
                let answer = answers.iter().find(|(known, _)| *known == path);
                let answer = answer.map_or("404 Not Found\r\n\r\n", |(_, answer)| answer);
                let _ = write!(connection, "HTTP/1.1 {answer}");
                let _ = note.send(request);
            }
        });
        Self { url, asked }
    }
}

/// Head and body of a request.
fn read(connection: &mut impl Read) -> String {
    let mut reader = BufReader::new(connection);
    let (mut request, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        request += &line;
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    request + &String::from_utf8(body).unwrap()
}

/// Exit code, stdout, stderr.
fn token(arguments: &[&str], stdin: &str, url: &str) -> (i32, String, String) {
    let mut child = program(
        &[&["token"], arguments].concat(),
        &[("BETTER_AUTH_URL", url)],
    )
    .stdin(Stdio::piped())
    .spawn()
    .unwrap();
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

const SIGNED_IN: &str = "200 OK\r\nset-cookie: better-auth.session_token=abc.def; Path=/; HttpOnly\r\n\
                         content-length: 2\r\nconnection: close\r\n\r\n{}";
const MINTED: &str =
    "200 OK\r\ncontent-length: 17\r\nconnection: close\r\n\r\n{\"token\":\"a.b.c\"}";

#[test]
fn signing_in_prints_the_token_and_nothing_else() {
    let better_auth = BetterAuth::answering(&[
        ("/api/auth/sign-in/email", SIGNED_IN),
        ("/api/auth/token", MINTED),
    ]);
    let arguments = ["login", "--email", "ada@example.com"];
    let (code, stdout, stderr) = token(&arguments, "hunter2\n", &better_auth.url);
    assert_eq!((code, &*stdout, &*stderr), (0, "a.b.c\n", ""));
    let request = better_auth.asked.recv().unwrap();
    assert!(
        request.starts_with("POST /api/auth/sign-in/email "),
        "{request}"
    );
    assert!(request.contains("\"hunter2\"") && request.contains("\"ada@example.com\""));
    let origin = format!("origin: {}\r\n", better_auth.url);
    assert!(request.to_ascii_lowercase().contains(&origin), "{request}");
    let request = better_auth.asked.recv().unwrap();
    assert!(
        request.contains("better-auth.session_token=abc.def"),
        "{request}"
    );
}

#[test]
fn a_cookies_value_is_enough_to_mint_one() {
    let better_auth = BetterAuth::answering(&[("/api/auth/token", MINTED)]);
    let (code, stdout, _) = token(&["mint", "--cookie", "-"], "abc.def", &better_auth.url);
    assert_eq!((code, &*stdout), (0, "a.b.c\n"));
    let request = better_auth.asked.recv().unwrap();
    for name in [
        "better-auth.session_token",
        "__Secure-better-auth.session_token",
    ] {
        assert!(request.contains(&format!("{name}=abc.def")), "{request}");
    }
}

#[test]
fn what_goes_wrong_is_one_sentence_without_what_was_sent() {
    const WRONG: &str = "401 Unauthorized\r\ncontent-length: 37\r\nconnection: close\r\n\r\n\
                         {\"code\":\"INVALID_EMAIL_OR_PASSWORD\" }";
    for (answers, sentence) in [
        (
            &[("/api/auth/sign-in/email", WRONG)][..],
            "does not know this e-mail address",
        ),
        (&[], "404 to /sign-in/email"),
        (
            &[("/api/auth/sign-in/email", SIGNED_IN)],
            "404 to /token: is the jwt() plugin",
        ),
        (
            &[(
                "/api/auth/sign-in/email",
                "429 Too Many Requests\r\nconnection: close\r\n\r\n",
            )],
            "too many attempts",
        ),
        (
            &[(
                "/api/auth/sign-in/email",
                "500 Oops\r\nconnection: close\r\n\r\n",
            )],
            "500 to /sign-in/email",
        ),
        (
            &[(
                "/api/auth/sign-in/email",
                "302 Found\r\nlocation: /login\r\nconnection: close\r\n\r\n",
            )],
            "a redirect: is this its base URL?",
        ),
        (
            &[("/api/auth/sign-in/email", "\u{0}\u{1}")],
            "cannot be asked",
        ),
    ] {
        let better_auth = BetterAuth::answering(answers);
        let arguments = ["login", "--email", "ada@example.com"];
        let (code, stdout, stderr) = token(&arguments, "hunter2\n", &better_auth.url);
        assert_eq!((code, &*stdout), (1, ""), "{stderr}");
        assert!(stderr.contains(sentence), "{sentence} in {stderr}");
        assert!(
            !stderr.contains("hunter2") && !stderr.contains("panicked"),
            "{stderr}"
        );
    }
}

#[test]
fn a_password_goes_over_plain_http_to_this_machine_only() {
    for url in ["http://app.example", "ftp://localhost"] {
        let arguments = ["login", "--email", "ada@example.com", "--url", url];
        let (code, _, stderr) = token(&arguments, "hunter2\n", "");
        assert_eq!(code, 64, "{stderr}");
    }
}
