//! The fake issuer as a program of its own, for measurements and for trying things by hand.
//!
//! ```sh
//! cargo run -p auth-testkit --example issuer
//! cargo run -p auth-testkit --example issuer -- 10000 tokens.txt   # as many tokens, one per line
//! ```
//!
//! It prints its address, then a token, and then answers each line of its standard input: `token`
//! with a new token, `fetches` with how often its keys were fetched, `rotate` with the id of a new
//! key. It ends when the input does.

#![expect(
    clippy::print_stdout,
    reason = "whoever starts it reads what it prints"
)]

use std::error::Error;
use std::io::{BufRead, BufWriter, Write};
use std::time::SystemTime;
use std::{env, fs, io};

use auth_core::UnixTime;
use auth_testkit::{FakeIssuer, LIFETIME};
use uuid::Uuid;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let issuer = FakeIssuer::start();
    println!("{}", issuer.url());
    if let Some(count) = arguments.next() {
        let path = arguments
            .next()
            .ok_or("how many tokens, and into which file?")?;
        write_tokens(&issuer, count.parse()?, &path)?;
    }
    println!("{}", long_lived(&issuer, 1));

    for line in io::stdin().lock().lines() {
        match line?.trim() {
            "token" => println!("{}", long_lived(&issuer, 1)),
            "fetches" => println!("{}", issuer.fetches()),
            "rotate" => println!("{}", issuer.rotate()),
            _ => println!("token, fetches or rotate"),
        }
    }
    Ok(())
}

/// Each of another user.
fn write_tokens(issuer: &FakeIssuer, count: u32, path: &str) -> io::Result<()> {
    let mut file = BufWriter::new(fs::File::create(path)?);
    for user in 1..=count {
        writeln!(file, "{}", long_lived(issuer, user))?;
    }
    file.flush()
}

/// Of the size that Better Auth's tokens have, and good for hours: measurements take their time.
fn long_lived(issuer: &FakeIssuer, user: u32) -> String {
    issuer.mint(Uuid::from_u128(u128::from(user)), |token| {
        let name = format!("User {user:05}");
        token
            .expires_at(UnixTime::from(SystemTime::now()) + 16 * LIFETIME)
            .session(format!("{user:0>32}"))
            .claim("name", name)
            .claim("email", format!("user-{user:05}@users.example"))
            .claim("emailVerified", true)
            .claim("image", serde_json::Value::Null)
            .claim("createdAt", "2026-01-01T00:00:00.000Z")
            .claim("updatedAt", "2026-01-01T00:00:00.000Z")
            .claim("id", format!("sub-{user:0>32}"))
            .role("user")
    })
}
