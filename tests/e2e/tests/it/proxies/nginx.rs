use std::{
    env, fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Command, Output},
    thread,
    time::{Duration, Instant},
};

use openssl::{
    asn1::Asn1Time,
    hash::MessageDigest,
    pkey::PKey,
    rsa::Rsa,
    x509::{X509, X509NameBuilder},
};
use uuid::Uuid;

use super::replicas::free_port;
use crate::support::program::Program;

/// nginx with the settings of `deploy/nginx`, on another port and with a certificate of its own.
pub struct Nginx {
    port: u16,
    servers: [u16; 2],
    settings: PathBuf,
    folder: Folder,
    _process: Program,
}

impl Nginx {
    pub fn start(servers: [u16; 2]) -> Self {
        let (folder, port) = (Folder::new(), free_port());
        let (chain, key) = certificate();
        let chain = folder.write("fullchain.pem", &chain);
        let key = folder.write("privkey.pem", &key);
        let list = replace(
            include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../deploy/nginx/drawbridge-servers.conf"
            )),
            &[
                (":8001;", &format!(":{};", servers[0])),
                (":8002;", &format!(":{};", servers[1])),
            ],
        );
        let list = folder.write("drawbridge-servers.conf", list.as_bytes());
        let site = replace(
            include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../deploy/nginx/drawbridge.conf"
            )),
            &[
                ("listen 443 ", &format!("listen 127.0.0.1:{port} ")),
                (
                    "/etc/nginx/drawbridge-servers.conf",
                    &list.display().to_string(),
                ),
                (
                    "/etc/ssl/drawbridge/fullchain.pem",
                    &chain.display().to_string(),
                ),
                (
                    "/etc/ssl/drawbridge/privkey.pem",
                    &key.display().to_string(),
                ),
            ],
        );
        let site = folder.write("drawbridge.conf", site.as_bytes());
        // What Debian's own nginx.conf would bring, in this folder.
        let around = format!(
            "daemon off;
             worker_processes 2;
             pid {0}/nginx.pid;
             error_log stderr warn;
             events {{ worker_connections 512; }}
             http {{
                 access_log off;
                 client_body_temp_path {0}/body;
                 proxy_temp_path {0}/proxy;
                 fastcgi_temp_path {0}/fastcgi;
                 uwsgi_temp_path {0}/uwsgi;
                 scgi_temp_path {0}/scgi;
                 include {1};
             }}",
            folder.0.display(),
            site.display()
        );
        let settings = folder.write("nginx.conf", around.as_bytes());
        let mut command = nginx();
        command.arg("-c").arg(&settings);
        let process = Program::start("nginx", command);
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let log = process.log();
            assert!(started.elapsed() < Duration::from_secs(30), "{log}");
            thread::sleep(Duration::from_millis(30));
        }
        Self {
            port,
            servers,
            settings,
            folder,
            _process: process,
        }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Takes a server out, or puts it back, with the script of `deploy/nginx`.
    pub fn upstream(&self, verb: &str, place: usize) {
        let output = self.script(verb, place);
        assert!(output.status.success(), "{verb}: {output:?}");
    }

    pub fn refuses_to_take_the_last_one_out(&self) {
        self.upstream("down", 0);
        let output = self.script("down", 1);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("the last server that is up"), "{said}");
        self.upstream("up", 0);
    }

    fn script(&self, verb: &str, place: usize) -> Output {
        let script = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../deploy/nginx/upstream.sh"
        );
        let nginx = format!("nginx -c {}", self.settings.display());
        Command::new("sh")
            .arg(script)
            .arg(verb)
            .arg(format!("127.0.0.1:{}", self.servers[place]))
            .env("SERVERS", self.folder.path("drawbridge-servers.conf"))
            .env("NGINX", nginx)
            .env("PATH", path_with_sbin())
            .output()
            .unwrap()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its workers end with a word to the master, not with its death.
        let mut command = nginx();
        command
            .arg("-c")
            .arg(&self.settings)
            .args(["-s", "stop", "-g", "error_log /dev/null;"]);
        let _ = command.output();
    }
}

fn nginx() -> Command {
    let mut command = Command::new("nginx");
    command.env("PATH", path_with_sbin());
    command
}

/// Debian keeps servers where only root looks.
pub fn path_with_sbin() -> String {
    format!("{}:/usr/sbin", env::var("PATH").unwrap_or_default())
}

/// The text with each of these, which has to be there, replaced: what a test runs is what is deployed, but for these.
pub fn replace(text: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from} is not in it:\n{text}");
        text.replace(from, to)
    })
}

/// A folder for one proxy, gone with it.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        let folder = env::temp_dir().join(format!("drawbridge-proxy-{}", Uuid::new_v4().simple()));
        fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path: &Path = &self.path(name);
        fs::write(path, bytes).unwrap();
        path.to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A certificate for this test and its key, in PEM.
pub fn certificate() -> (Vec<u8>, Vec<u8>) {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "api.example.com").unwrap();
    let name = name.build();
    let mut certificate = X509::builder().unwrap();
    certificate.set_version(2).unwrap();
    certificate.set_subject_name(&name).unwrap();
    certificate.set_issuer_name(&name).unwrap();
    certificate.set_pubkey(&key).unwrap();
    let (now, tomorrow) = (Asn1Time::days_from_now(0), Asn1Time::days_from_now(1));
    certificate.set_not_before(&now.unwrap()).unwrap();
    certificate.set_not_after(&tomorrow.unwrap()).unwrap();
    certificate.sign(&key, MessageDigest::sha256()).unwrap();
    (
        certificate.build().to_pem().unwrap(),
        key.private_key_to_pem_pkcs8().unwrap(),
    )
}
