use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use url::Url;

use super::ground::Ground;

/// A network between a server and its database that can fail as networks do: by saying nothing.
pub struct Wire {
    address: SocketAddr,
    silent: Arc<AtomicBool>,
}

impl Wire {
    pub fn to(ground: &Ground) -> Self {
        let database: Url = ground.url().parse().unwrap();
        let host = database.host_str().unwrap().to_owned();
        let port = database.port().unwrap_or(5432);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, silent) = (listener.local_addr().unwrap(), Arc::<AtomicBool>::default());
        let is_silent = Arc::clone(&silent);
        // Ends with the process.
        thread::spawn(move || {
            for near in listener.incoming() {
                let near = near.unwrap();
                let far = TcpStream::connect((host.as_str(), port)).unwrap();
                carry(
                    near.try_clone().unwrap(),
                    far.try_clone().unwrap(),
                    &is_silent,
                );
                carry(far, near, &is_silent);
            }
        });
        Self { address, silent }
    }

    /// `url`, by way of this.
    pub fn instead_of(&self, url: &str) -> String {
        let mut url: Url = url.parse().unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(self.address.port())).unwrap();
        url.into()
    }

    /// What is said meanwhile arrives when it is over.
    pub fn be_silent(&self, silent: bool) {
        self.silent.store(silent, Ordering::SeqCst);
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, silent: &Arc<AtomicBool>) {
    let silent = Arc::clone(silent);
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            while silent.load(Ordering::SeqCst) {
                thread::sleep(Duration::from_millis(10));
            }
            if to.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        // An end is news as well.
        let _ = to.shutdown(std::net::Shutdown::Both);
        let _ = from.shutdown(std::net::Shutdown::Both);
    });
}
