use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;

use crate::excerpt::Excerpt;
use crate::json::{self, Fault, Member};
use crate::{Algorithm, Denied, TokenKind};

/// The longest token that is looked at, in bytes. Better Auth's default tokens have about 900.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// The longest key id that is accepted, in bytes. Better Auth's have 32 or 36.
pub const MAX_KEY_ID_BYTES: usize = 128;

/// A token that is well-formed and nothing more: a signed JWT in compact serialisation
/// (RFC 7515 §7.1) whose header this crate understands completely.
///
/// Its contents are still whatever its sender liked to write. [`key_id`](Self::key_id) serves to
/// find out whether the key is known; everything else waits for
/// [`Verifier::verify`](crate::Verifier::verify). `Debug` shows the algorithm and the key id, never
/// the token.
///
/// ```
/// use auth_core::UntrustedToken;
///
/// let opaque = "cqcEigmwYMoRaMTDUtainGYYNrtrhLGp";
/// let denied = UntrustedToken::parse(opaque).unwrap_err();
/// assert_eq!(denied.code(), "session_token");
/// ```
pub struct UntrustedToken<'t> {
    signing_input: &'t str,
    algorithm: Algorithm,
    fully_specified: bool,
    key_id: Option<String>,
    kind: TokenKind,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'t> UntrustedToken<'t> {
    /// Takes the token apart. Costs no cryptography, and for an oversized token nothing at all.
    ///
    /// # Errors
    /// In this order: [`Denied::TokenTooLarge`], [`Denied::SessionToken`],
    /// [`Denied::TokenMalformed`], [`Denied::HeaderNotAllowed`], [`Denied::TypeNotAllowed`],
    /// [`Denied::AlgorithmNotAllowed`].
    pub fn parse(token: &'t str) -> Result<Self, Denied> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Denied::TokenTooLarge { size: token.len() });
        }
        if is_like_a_session_token(token) {
            return Err(Denied::SessionToken);
        }
        if !token.bytes().all(|b| is_base64url(b) || b == b'.') {
            return Err(malformed("it has characters outside base64url"));
        }
        let three_parts = token
            .rsplit_once('.')
            .and_then(|(signing_input, signature)| {
                let (header, payload) = signing_input.split_once('.')?;
                (!payload.contains('.')).then_some((signing_input, header, payload, signature))
            });
        let (signing_input, header, payload, signature) =
            three_parts.ok_or_else(|| malformed("it does not have three parts"))?;

        let header = decode(header).ok_or(malformed("the header is not base64url"))?;
        let header: Header = json::object(&header).map_err(|fault| {
            malformed(match fault {
                Fault::DuplicateName => "the header has a name twice",
                _ => "the header is not a json object",
            })
        })?;
        header.refuse_dangerous_members()?;
        let kind = header.kind()?;
        let (algorithm, fully_specified) = header.algorithm()?;
        let key_id = header.key_id()?;

        // After the header, so that an unsigned token is refused for its algorithm.
        if payload.is_empty() || signature.is_empty() {
            return Err(malformed("one of its parts is empty"));
        }
        Ok(Self {
            signing_input,
            algorithm,
            fully_specified,
            key_id,
            kind,
            payload: decode(payload).ok_or(malformed("the payload is not base64url"))?,
            signature: decode(signature).ok_or(malformed("the signature is not base64url"))?,
        })
    }

    /// The key that the token claims to be signed with (`kid`): at most [`MAX_KEY_ID_BYTES`] of
    /// `A-Z a-z 0-9 _ . : = + / -`, so it can be logged as it is. `None` when it names none.
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// The algorithm that the token claims to be signed with (`alg`).
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// What kind of token it claims to be (`typ`).
    pub fn kind(&self) -> TokenKind {
        self.kind
    }

    /// Whether `alg` says `Ed25519` instead of `EdDSA`.
    pub(crate) fn has_fully_specified_name(&self) -> bool {
        self.fully_specified
    }

    /// The issuer that the token claims to come from (`iss`): unverified, and good for nothing but
    /// choosing who is to judge it.
    pub(crate) fn claimed_issuer(&self) -> Option<String> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Claimed {
            iss: Member,
        }

        let claimed: Claimed = json::object(&self.payload).ok()?;
        claimed.iss.as_str().map(str::to_owned)
    }

    /// The bytes that the signature covers (RFC 7515 §5.1).
    pub(crate) fn signing_input(&self) -> &[u8] {
        self.signing_input.as_bytes()
    }

    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The claims, not yet known to be anybody's: `keys.rs` hands them on once they are.
    pub(crate) fn payload(&self) -> &[u8] {
        &self.payload
    }
}

impl fmt::Debug for UntrustedToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UntrustedToken")
            .field("algorithm", &self.algorithm)
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

/// The header members that mean something here. Others are ignored, as RFC 7515 §4 asks.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Header {
    alg: Member,
    kid: Member,
    typ: Member,
    // Never followed, never tolerated: an extension that must be understood, an unencoded payload
    // (RFC 7797), a nested token, and the six ways to bring one's own key.
    crit: Member,
    b64: Member,
    cty: Member,
    jwk: Member,
    jku: Member,
    x5u: Member,
    x5c: Member,
    x5t: Member,
    #[serde(rename = "x5t#S256")]
    x5t_s256: Member,
}

impl Header {
    fn refuse_dangerous_members(&self) -> Result<(), Denied> {
        let dangerous = [
            ("crit", &self.crit),
            ("b64", &self.b64),
            ("cty", &self.cty),
            ("jwk", &self.jwk),
            ("jku", &self.jku),
            ("x5u", &self.x5u),
            ("x5c", &self.x5c),
            ("x5t", &self.x5t),
            ("x5t#S256", &self.x5t_s256),
        ];
        match dangerous
            .into_iter()
            .find(|(_, member)| member.is_present())
        {
            Some((name, _)) => Err(Denied::HeaderNotAllowed { name }),
            None => Ok(()),
        }
    }

    fn kind(&self) -> Result<TokenKind, Denied> {
        if !self.typ.is_present() {
            return Ok(TokenKind::Plain);
        }
        // Media types are compared without regard to case, and `application/` may be left out
        // (RFC 7515 §4.1.9).
        match self.typ.as_str().map(str::to_ascii_lowercase).as_deref() {
            Some("jwt" | "application/jwt") => Ok(TokenKind::Plain),
            Some("at+jwt" | "application/at+jwt") => Ok(TokenKind::Access),
            _ => Err(Denied::TypeNotAllowed {
                seen: self.typ.excerpt(),
            }),
        }
    }

    /// The algorithm, and whether it goes by its fully-specified name (RFC 9864 §2.2).
    fn algorithm(&self) -> Result<(Algorithm, bool), Denied> {
        if self.alg.as_str() == Some(ED25519) {
            return Ok((Algorithm::EdDsa, true));
        }
        let known = self.alg.as_str().and_then(|name| name.parse().ok());
        known
            .map(|known| (known, false))
            .ok_or_else(|| Denied::AlgorithmNotAllowed {
                seen: self.alg.excerpt(),
                expected: Excerpt::of_each(Algorithm::ALL.map(Algorithm::name)),
            })
    }

    fn key_id(self) -> Result<Option<String>, Denied> {
        match self.kid {
            Member::Absent => Ok(None),
            Member::Is(Value::String(id)) if id.is_empty() => Ok(None),
            Member::Is(Value::String(id)) if is_key_id(&id) => Ok(Some(id)),
            _ => Err(malformed(
                "the key id is too long or has characters no key id has",
            )),
        }
    }
}

/// The newer name of [`Algorithm::EdDsa`]; of its two curves the only one accepted here.
pub(crate) const ED25519: &str = "Ed25519";

/// Whether this can be the id of a key: short, and harmless in a log, a path or a query.
pub(crate) fn is_key_id(id: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_.:=+/-".contains(&b);
    (1..=MAX_KEY_ID_BYTES).contains(&id.len()) && id.bytes().all(allowed)
}

/// Better Auth's session token is 32 letters and digits; in its cookie, a dot and a signature in
/// base64, perhaps percent-encoded, follow. Its OAuth plugin's opaque tokens look the same.
fn is_like_a_session_token(token: &str) -> bool {
    let (token, signature) = token.split_once('.').unwrap_or((token, ""));
    let in_signature = |b: u8| is_base64url(b) || b"+/=%".contains(&b);
    token.len() == 32
        && token.bytes().all(|b| b.is_ascii_alphanumeric())
        && signature.bytes().all(in_signature)
}

fn is_base64url(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'-' || b == b'_'
}

/// Without padding and with zero trailing bits: each byte string has exactly one spelling.
fn decode(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}

fn malformed(why: &'static str) -> Denied {
    Denied::TokenMalformed { why }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from Better Auth 1.7.7 with ES256.
    fn recorded() -> String {
        let recorded: Value =
            serde_json::from_str(include_str!("../tests/vectors/ES256.json")).unwrap();
        recorded["token"].as_str().unwrap().to_owned()
    }

    #[test]
    fn a_real_token_comes_apart_into_its_parts() {
        let text = recorded();
        let token = UntrustedToken::parse(&text).unwrap();
        assert_eq!(token.algorithm(), Algorithm::Es256);
        assert_eq!(token.key_id(), Some("7wpKbp3THzuu8MHB8ROL3YXiZHWcuJAT"));
        assert_eq!(token.kind(), TokenKind::Plain);
        assert_eq!(token.signing_input().len(), text.rfind('.').unwrap());
        assert_eq!(token.signature().len(), 64);
        assert!(token.payload().starts_with(b"{") && token.payload().ends_with(b"}"));
    }

    #[test]
    fn debug_shows_neither_the_token_nor_its_claims() {
        let text = recorded();
        assert_eq!(
            format!("{:?}", UntrustedToken::parse(&text).unwrap()),
            "UntrustedToken { algorithm: Es256, key_id: Some(\"7wpKbp3THzuu8MHB8ROL3YXiZHWcuJAT\"), .. }"
        );
    }

    #[test]
    fn no_prefix_of_a_token_and_no_single_byte_panics() {
        let text = recorded();
        for end in 0..text.len() {
            // A shorter signature still is base64url, whenever its last symbol allows that.
            let _ = UntrustedToken::parse(&text[..end]);
        }
        for byte in 0..=u8::MAX {
            let _ = UntrustedToken::parse(&char::from(byte).to_string());
        }
    }
}
