use std::{io::Write, net::TcpListener, sync::Arc, thread};

use openssl::{
    asn1::Asn1Time,
    hash::MessageDigest,
    pkey::PKey,
    rsa::Rsa,
    ssl::{SslAcceptor, SslMethod},
    x509::{X509, X509Name},
};

use super::patient::Patient;

#[actix_web::test]
async fn headers_without_end_and_200_megabytes_are_cut_off() {
    let mut patient = Patient::new().await;
    let mut endless = b"HTTP/1.1 200 OK\r\n".to_vec();
    endless.extend(b"x-filler: 0123456789abcdef0123456789abcdef\r\n".repeat(100_000));
    patient.set("API__AUTH__JWKS_URL", &answering(endless));
    patient.examined().fails("jwks.fetch", &[]);

    let mut huge = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", 200 << 20).into_bytes();
    huge.extend(b" ".repeat(1 << 20));
    patient.set("API__AUTH__JWKS_URL", &answering(huge));
    patient
        .examined()
        .fails("jwks.fetch", &["not that of a key set"]);

    patient.set(
        "API__AUTH__JWKS_URL",
        &answering(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
    );
    patient.examined().fails("jwks.fetch", &[]);
}

#[actix_web::test]
async fn a_certificate_that_nobody_vouches_for_is_told_as_that() {
    let mut patient = Patient::new().await;
    patient.set("API__AUTH__JWKS_URL", &self_signed());
    let words = ["certificate", "SSL_CERT_FILE"];
    patient.examined().fails("jwks.fetch", &words);
}

#[actix_web::test]
async fn a_database_that_takes_connections_and_says_nothing_is_given_up_on() {
    let mut patient = Patient::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let url = format!("postgres://tasks_api:hunter2@{address}/app");
    patient.set("DATABASE_URL", &url);
    patient
        .examined()
        .fails("database_unavailable", &["in time"]);
    // Somebody else's port.
    let http = answering(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec());
    let place = http.trim_start_matches("http://").trim_end_matches("/jwks");
    patient.set(
        "DATABASE_URL",
        &format!("postgres://tasks_api:hunter2@{place}/app"),
    );
    patient.examined().fails("database_unavailable", &[]);
}

#[actix_web::test]
async fn a_better_auth_and_an_api_that_say_nothing_are_given_up_on() {
    let mut patient = Patient::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", listener.local_addr().unwrap());
    let found = patient.examined_of(&patient.token(), &["--api", &silent]);
    found.fails("api.page", &["cannot be asked", "start it"]);
    patient.set("API__AUTH__ISSUER", &patient.issuer.url());
    patient.set("API__AUTH__AUDIENCE", &patient.issuer.url());
    patient.set("API__AUTH__JWKS_URL", &patient.issuer.jwks_url());
    patient.set("BETTER_AUTH_URL", &silent);
    let found = patient.examined_with(&["--cookie", "abc.def"]);
    found.fails("token.fetch", &["cannot be asked"]);
    let found = patient.examined_with(&["--cookie", "abc\r\nx-injected: 1"]);
    found.fails("token.fetch", &["cannot be asked"]);
}

/// An address where every connection is answered with these bytes, whatever is asked.
pub fn answering(bytes: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/jwks", listener.local_addr().unwrap());
    thread::spawn(move || {
        for connection in listener.incoming() {
            let bytes = bytes.clone();
            thread::spawn(move || {
                let mut connection = connection.unwrap();
                // Whoever has seen enough closes it.
                let _ = connection.write_all(&bytes);
                let _ = std::io::copy(&mut connection, &mut std::io::sink());
            });
        }
    });
    url
}

/// An https address with a certificate of its own making.
fn self_signed() -> String {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut name = X509Name::builder().unwrap();
    name.append_entry_by_text("CN", "localhost").unwrap();
    let name = name.build();
    let mut certificate = X509::builder().unwrap();
    certificate.set_version(2).unwrap();
    certificate.set_subject_name(&name).unwrap();
    certificate.set_issuer_name(&name).unwrap();
    certificate.set_pubkey(&key).unwrap();
    certificate
        .set_not_before(&Asn1Time::days_from_now(0).unwrap())
        .unwrap();
    certificate
        .set_not_after(&Asn1Time::days_from_now(1).unwrap())
        .unwrap();
    certificate.sign(&key, MessageDigest::sha256()).unwrap();
    let mut acceptor = SslAcceptor::mozilla_intermediate(SslMethod::tls()).unwrap();
    acceptor.set_private_key(&key).unwrap();
    acceptor.set_certificate(&certificate.build()).unwrap();
    let acceptor = Arc::new(acceptor.build());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/jwks", listener.local_addr().unwrap());
    thread::spawn(move || {
        for connection in listener.incoming() {
            // Whoever does not trust it ends the handshake.
            let _ = acceptor.accept(connection.unwrap());
        }
    });
    url
}
