use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_http::StatusCode;
use actix_http::header::{HeaderMap, HeaderName, HeaderValue};
use auth_core::{Algorithm, Policy};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::token::oauth_issuer_of;
use crate::{Flaw, Garble, SigningKey, TokenBuilder};
use running::{Running, bound};

mod answer;
mod running;

/// A Better Auth server as a resource server sees it: a JWKS over real HTTP, and tokens.
///
/// It runs on a thread of its own on a free port of 127.0.0.1, so it can be used from plain and
/// from async tests alike, and stops when it is dropped. Its buttons rotate keys and break it in
/// the ways real issuers break; [`recover`](Self::recover) undoes the latter.
///
/// | what | how |
/// |---|---|
/// | good tokens | [`token_for`](Self::token_for), [`mint`](Self::mint), [`access_token_for`](Self::access_token_for), [`mint_access`](Self::mint_access) |
/// | bad ones | [`mint_bad`](Self::mint_bad), every [`Flaw`] by name |
/// | keys | [`rotate`](Self::rotate), [`rotate_to`](Self::rotate_to), [`withdraw`](Self::withdraw), [`publish`](Self::publish), [`publish_jwk`](Self::publish_jwk), [`reuse_key_id`](Self::reuse_key_id) |
/// | bad answers | [`fail_with`](Self::fail_with), [`garble`](Self::garble), [`respond_with`](Self::respond_with), [`redirect_to`](Self::redirect_to), [`header`](Self::header) |
/// | slow ones, or none | [`delay`](Self::delay), [`hang`](Self::hang), [`go_down`](Self::go_down) |
/// | discovery | [`publish_discovery`](Self::publish_discovery), [`publish_discovery_as`](Self::publish_discovery_as), [`serve`](Self::serve) |
/// | what was asked | [`fetches`](Self::fetches), [`requests_for`](Self::requests_for), [`connections`](Self::connections), [`fetch_header`](Self::fetch_header) |
#[derive(Debug)]
pub struct FakeIssuer {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    running: Mutex<Running>,
}

impl FakeIssuer {
    /// Starts one that signs with EdDSA, as Better Auth does by default.
    ///
    /// # Panics
    /// When no port can be had.
    pub fn start() -> Self {
        Self::with_algorithm(Algorithm::EdDsa)
    }

    /// Starts one that signs with this algorithm.
    ///
    /// # Panics
    /// When no port can be had.
    pub fn with_algorithm(algorithm: Algorithm) -> Self {
        Self::on_port(0, new_key(algorithm))
    }

    /// Starts one on this port (0: any free one) that signs with this key, for a program that
    /// is told of both beforehand.
    ///
    /// # Panics
    /// When the port cannot be had.
    pub fn on_port(port: u16, key: SigningKey) -> Self {
        let socket =
            bound((Ipv4Addr::LOCALHOST, port).into()).expect("the port of 127.0.0.1 is free");
        let address = socket.local_addr().expect("a bound socket has an address");
        let first = Arc::new(key);
        let state = Arc::new(Mutex::new(State {
            published: vec![Published::Ours(Arc::clone(&first))],
            current: first,
            answer: Answer::Keys,
            headers: Vec::new(),
            delay: Duration::ZERO,
            documents: HashMap::new(),
            requests: HashMap::new(),
            connections: 0,
            last_fetch: HeaderMap::new(),
        }));
        let running = Mutex::new(Running::serve(socket, &state));
        Self {
            address,
            state,
            running,
        }
    }

    /// Its origin, without a slash at the end: also its `iss` and `aud`, as with Better Auth.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it publishes its keys: `/api/auth/jwks`.
    pub fn jwks_url(&self) -> String {
        format!("{}{JWKS_PATH}", self.url())
    }

    /// A policy that accepts its tokens, and not its access tokens.
    pub fn policy(&self) -> Policy {
        Policy::new(&self.url(), &self.url()).expect("an origin has no white space")
    }

    /// The `iss` of its access tokens: `/api/auth` at its origin, as with Better Auth's
    /// `oauth-provider`.
    pub fn oauth_issuer(&self) -> String {
        oauth_issuer_of(&self.url())
    }

    /// A policy that accepts its access tokens, and nothing else of it.
    pub fn oauth_policy(&self) -> Policy {
        Policy::oauth_access_token(&self.oauth_issuer(), &self.url())
            .expect("a url has no white space")
    }

    /// What it publishes while nothing is broken.
    pub fn jwks(&self) -> Value {
        self.state().jwks()
    }

    /// A good token for this user.
    pub fn token_for(&self, user: Uuid) -> String {
        self.mint(user, |token| token)
    }

    /// A token for this user, as `change` leaves it, signed with the current key.
    pub fn mint(&self, user: Uuid, change: impl FnOnce(TokenBuilder) -> TokenBuilder) -> String {
        change(self.builder_for(user)).sign(&self.signing_key())
    }

    /// A token for this user with this flaw, and good in every other respect.
    pub fn mint_bad(&self, user: Uuid, flaw: Flaw) -> String {
        self.mint(user, |token| token.flawed(flaw))
    }

    /// A good OAuth access token for this user, with these scopes: as
    /// [`TokenBuilder::access_for`], for [`url`](Self::url) as the resource.
    pub fn access_token_for(&self, user: Uuid, scopes: &[&str]) -> String {
        self.mint_access(user, scopes, |token| token)
    }

    /// The same, as `change` leaves it.
    pub fn mint_access(
        &self,
        user: Uuid,
        scopes: &[&str],
        change: impl FnOnce(TokenBuilder) -> TokenBuilder,
    ) -> String {
        let url = self.url();
        let token = TokenBuilder::access_for(user, scopes).access_issuer(&url, &url);
        change(token).sign(&self.signing_key())
    }

    /// A token of this issuer before it is signed, for signing it with another key.
    pub fn builder_for(&self, user: Uuid) -> TokenBuilder {
        TokenBuilder::for_user(user)
            .issuer(self.url())
            .audience(self.url())
    }

    /// The key that signs now.
    pub fn signing_key(&self) -> Arc<SigningKey> {
        Arc::clone(&self.state().current)
    }

    /// The id of the key that signs now.
    pub fn key_id(&self) -> String {
        self.signing_key().key_id().to_owned()
    }

    /// Signs with a new key from now on and returns its id. The old one stays published, as in
    /// Better Auth's grace period.
    pub fn rotate(&self) -> String {
        let algorithm = self.signing_key().algorithm();
        self.rotate_to(algorithm)
    }

    /// As [`rotate`](Self::rotate), and changes the algorithm.
    pub fn rotate_to(&self, algorithm: Algorithm) -> String {
        let key = Arc::new(new_key(algorithm));
        let mut state = self.state();
        state.published.push(Published::Ours(Arc::clone(&key)));
        state.current = key;
        state.current.key_id().to_owned()
    }

    /// Signs with a new key under the id of the old one, which is published no longer: what no
    /// issuer should do, and a restored backup does.
    pub fn reuse_key_id(&self) {
        let mut state = self.state();
        let (algorithm, id) = (state.current.algorithm(), state.current.key_id().to_owned());
        let key = Arc::new(SigningKey::generate(algorithm, id));
        for published in &mut state.published {
            if published.key_id() == Some(key.key_id()) {
                *published = Published::Ours(Arc::clone(&key));
            }
        }
        state.current = key;
    }

    /// Also publishes this key, without signing with it: another one of its own, or that of
    /// another issuer.
    pub fn publish(&self, key: &SigningKey) {
        self.publish_jwk(key.public_jwk());
    }

    /// Also publishes this member, whatever it is.
    pub fn publish_jwk(&self, jwk: Value) {
        self.state().published.push(Published::Foreign(jwk));
    }

    /// Publishes what has this key id no longer. Tokens can still be signed with it.
    pub fn withdraw(&self, key_id: &str) {
        let mut state = self.state();
        state.published.retain(|key| key.key_id() != Some(key_id));
    }

    /// Answers every fetch of the keys with this status.
    ///
    /// # Panics
    /// When it is not an HTTP status.
    pub fn fail_with(&self, status: u16) {
        let status = StatusCode::from_u16(status).expect("an http status");
        self.state().answer = Answer::Status(status);
    }

    /// Answers every fetch of the keys with 200 and this body.
    pub fn respond_with(&self, body: impl Into<String>) {
        self.state().answer = Answer::Body(body.into());
    }

    /// Answers every fetch of the keys with 200 and a body that is no key set.
    pub fn garble(&self, garble: Garble) {
        self.state().answer = Answer::Garbled(garble);
    }

    /// Answers every fetch of the keys with 302 to this place.
    ///
    /// # Panics
    /// When it cannot stand in a header.
    pub fn redirect_to(&self, url: &str) {
        let url = url.parse().expect("a url can stand in a header");
        self.state().answer = Answer::Redirect(url);
    }

    /// Accepts every fetch of the keys, and never answers it.
    pub fn hang(&self) {
        self.state().answer = Answer::Never;
    }

    /// Waits this long before every answer.
    pub fn delay(&self, delay: Duration) {
        self.state().delay = delay;
    }

    /// Adds this header to every answer to a fetch of the keys: `Cache-Control`, `Retry-After`,
    /// Better Auth's `X-Retry-After`, ...
    ///
    /// # Panics
    /// When it is no header.
    pub fn header(&self, name: &str, value: &str) {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("the name of a header");
        let value = HeaderValue::from_str(value).expect("the value of a header");
        self.state().headers.push((name, value));
    }

    /// Ends [`fail_with`](Self::fail_with), [`garble`](Self::garble),
    /// [`respond_with`](Self::respond_with), [`redirect_to`](Self::redirect_to),
    /// [`hang`](Self::hang), [`delay`](Self::delay) and [`header`](Self::header), for fetches that
    /// begin from now on.
    pub fn recover(&self) {
        let mut state = self.state();
        state.answer = Answer::Keys;
        state.delay = Duration::ZERO;
        state.headers.clear();
    }

    /// Publishes discovery documents that lead to the keys, of [`url`](Self::url) and of
    /// [`oauth_issuer`](Self::oauth_issuer), as OpenID Connect and as RFC 8414 place them. Before
    /// that there are none: Better Auth has them only with its `oauth-provider`.
    pub fn publish_discovery(&self) {
        let (url, oauth) = (self.url(), self.oauth_issuer());
        self.discovery(&url, &oauth);
    }

    /// The same documents in the same places, but the issuer that they name is this one.
    pub fn publish_discovery_as(&self, issuer: &str) {
        self.discovery(issuer, issuer);
    }

    fn discovery(&self, plain: &str, oauth: &str) {
        let jwks = self.jwks_url();
        let algorithms = Algorithm::ALL.map(Algorithm::name);
        for (path, issuer) in [
            ("/.well-known/openid-configuration", plain),
            ("/.well-known/oauth-authorization-server", plain),
            ("/api/auth/.well-known/openid-configuration", oauth),
            ("/.well-known/oauth-authorization-server/api/auth", oauth),
        ] {
            let document = json!({
                "issuer": issuer,
                "jwks_uri": jwks,
                "authorization_endpoint": format!("{issuer}/oauth2/authorize"),
                "token_endpoint": format!("{issuer}/oauth2/token"),
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": algorithms,
            });
            self.serve(path, document.to_string());
        }
    }

    /// Answers a GET of this path with 200 and this body, as JSON.
    pub fn serve(&self, path: &str, body: impl Into<String>) {
        self.state().documents.insert(path.to_owned(), body.into());
    }

    /// Closes its port and every connection, and returns when that is done: whoever connects is
    /// refused. Tokens can still be minted.
    ///
    /// # Panics
    /// When another process takes the port in that moment.
    pub fn go_down(&self) {
        self.running().go_down(self.address);
    }

    /// Opens its port again.
    pub fn come_back(&self) {
        self.running().come_back(&self.state);
    }

    /// How many fetches of the keys have arrived, answered or not.
    pub fn fetches(&self) -> usize {
        self.requests_for(JWKS_PATH)
    }

    /// How many GETs of this path have arrived, answered or not.
    pub fn requests_for(&self, path: &str) -> usize {
        self.state().requests.get(path).copied().unwrap_or(0)
    }

    /// How many connections it has accepted: none, if nobody went where a token said.
    pub fn connections(&self) -> usize {
        self.state().connections
    }

    /// What the last fetch of the keys said in this header.
    pub fn fetch_header(&self, name: &str) -> Option<String> {
        let state = self.state();
        let value = state.last_fetch.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    }

    // A test that panicked while it held a lock has said so already.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for FakeIssuer {
    fn drop(&mut self) {
        self.running().stop();
    }
}

const JWKS_PATH: &str = "/api/auth/jwks";

#[derive(Debug)]
struct State {
    published: Vec<Published>,
    current: Arc<SigningKey>,
    answer: Answer,
    headers: Vec<(HeaderName, HeaderValue)>,
    delay: Duration,
    /// By path.
    documents: HashMap<String, String>,
    /// By path.
    requests: HashMap<String, usize>,
    connections: usize,
    last_fetch: HeaderMap,
}

#[derive(Debug)]
enum Published {
    Ours(Arc<SigningKey>),
    Foreign(Value),
}

/// What a fetch of the keys is answered with.
#[derive(Debug, Clone)]
enum Answer {
    Keys,
    Status(StatusCode),
    Body(String),
    Garbled(Garble),
    Redirect(HeaderValue),
    Never,
}

impl State {
    fn jwks(&self) -> Value {
        let keys: Vec<Value> = self.published.iter().map(Published::jwk).collect();
        json!({ "keys": keys })
    }
}

impl Published {
    fn jwk(&self) -> Value {
        match self {
            Self::Ours(key) => key.public_jwk(),
            Self::Foreign(jwk) => jwk.clone(),
        }
    }

    fn key_id(&self) -> Option<&str> {
        match self {
            Self::Ours(key) => Some(key.key_id()),
            Self::Foreign(jwk) => jwk["kid"].as_str(),
        }
    }
}

/// A key whose id looks like Better Auth's: 32 letters and digits.
fn new_key(algorithm: Algorithm) -> SigningKey {
    SigningKey::generate(algorithm, Uuid::new_v4().simple().to_string())
}
