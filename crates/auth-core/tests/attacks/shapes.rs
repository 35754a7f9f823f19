//! What is no token at all: too long, of other characters, in other parts, in another encoding, or
//! with two readings.

use auth_core::{Algorithm, Denied, MAX_TOKEN_BYTES, UntrustedToken};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::forge::{Key, code, encode, good_claims, key, lasting, ring, with};

fn ed() -> Key {
    key(Algorithm::EdDsa, "key-1")
}

#[test]
fn only_one_spelling_of_a_token_is_a_token() {
    let key = ed();
    let ring = ring([&key]);
    let good = key.good_token();
    let (input, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = input.split_once('.').unwrap();
    let jwe = encode(r#"{"alg":"RSA-OAEP","enc":"A256GCM","zip":"DEF"}"#);
    let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    // 64 bytes leave four unused bits in the last symbol.
    let (whole, last) = signature.split_at(signature.len() - 1);
    let next = (last.as_bytes()[0] + 1) as char;
    let mut cases: Vec<(&str, String)> = vec![
        ("nothing", String::new()),
        ("one dot", ".".into()),
        ("two dots", "..".into()),
        ("only dots", ".".repeat(MAX_TOKEN_BYTES)),
        ("one part", header.into()),
        ("two parts", input.into()),
        ("an empty signature", format!("{input}.")),
        ("an empty payload", format!("{header}..{signature}")),
        ("an empty header", format!(".{payload}.{signature}")),
        ("a dot at the end", format!("{good}.")),
        ("a dot at the start", format!(".{good}")),
        (
            "two dots inside",
            format!("{header}..{payload}.{signature}"),
        ),
        (
            "five parts, as a jwe",
            format!("{header}.{payload}.{signature}.AAAA.AAAA"),
        ),
        (
            "five parts under a header of jwe",
            format!("{jwe}.{payload}.{signature}.AAAA.AAAA"),
        ),
        (
            "a foreign character behind a header that is refused as well",
            format!("{jwe}.{payload}.{signature}+"),
        ),
        ("padding", format!("{good}==")),
        ("padded header", format!("{header}==.{payload}.{signature}")),
        ("unused bits set", format!("{input}.{whole}{next}")),
        ("one symbol too many", format!("{input}.{signature}AAA")),
        (
            "standard base64",
            format!("{input}.{}+/", &STANDARD_NO_PAD.encode(&bytes)[2..]),
        ),
        ("a space before", format!(" {good}")),
        ("a space after", format!("{good} ")),
        ("a newline after", format!("{good}\n")),
        ("a newline inside", good.replacen('.', "\n.", 1)),
        ("a nul byte", format!("{good}\0")),
        ("percent encoding", good.replacen('.', "%2E", 1)),
        ("quotes", format!("\"{good}\"")),
        ("a scheme", format!("Bearer {good}")),
        ("a second token", format!("{good},{good}")),
        (
            "a full stop that is none",
            good.replacen('.', "\u{ff0e}", 1),
        ),
        (
            "a letter that is none",
            format!("{}\u{430}", &good[..good.len() - 1]),
        ),
        ("an emoji", "\u{1f511}.\u{1f511}.\u{1f511}".into()),
        (
            "flattened json",
            json!({ "protected": header, "payload": payload, "signature": signature }).to_string(),
        ),
    ];
    let header_texts: [(&str, &[u8]); 8] = [
        ("a header that is an array", br#"["EdDSA","key-1"]"#),
        ("a header that is a text", br#""EdDSA""#),
        ("a header that is null", b"null"),
        (
            "a header that is cut off",
            br#"{"alg":"EdDSA","kid":"key-1""#,
        ),
        (
            "a header with something after it",
            br#"{"alg":"EdDSA","kid":"key-1"}{}"#,
        ),
        (
            "a header with a byte order mark",
            b"\xef\xbb\xbf{\"alg\":\"EdDSA\",\"kid\":\"key-1\"}",
        ),
        (
            "a header that is not utf-8",
            b"{\"alg\":\"EdDSA\",\"kid\":\"key-1\",\"x\":\"\xff\"}",
        ),
        (
            "a header in utf-16",
            b"{\0\"\0a\0l\0g\0\"\0:\0\"\0E\0d\0D\0S\0A\0\"\0}\0",
        ),
    ];
    for (name, text) in header_texts {
        cases.push((name, key.token_of_text(text, good_claims().to_string())));
    }
    for (name, token) in cases {
        assert_eq!(code(&ring, &token), "token_malformed", "{name}");
    }
}

#[test]
fn a_name_twice_in_the_header_is_refused() {
    let key = ed();
    let ring = ring([&key]);
    for header in [
        r#"{"alg":"none","alg":"EdDSA","kid":"key-1"}"#,
        r#"{"alg":"EdDSA","kid":"key-1","alg":"EdDSA"}"#,
        r#"{"alg":"EdDSA","kid":"key-2","kid":"key-1"}"#,
        r#"{"alg":"EdDSA","kid":"key-1","\u006bid":"key-1"}"#,
        r#"{"alg":"EdDSA","kid":"key-1","x":1,"x":1}"#,
        r#"{"alg":"EdDSA","kid":"key-1","x":{"y":1,"y":2}}"#,
    ] {
        let token = key.token_of_text(header, good_claims().to_string());
        assert_eq!(code(&ring, &token), "token_malformed", "{header}");
    }
}

#[test]
fn a_token_is_measured_before_it_is_read() {
    let key = ed();
    let ring = ring([&key]);
    let of_padding = |bytes: usize| {
        let claims = with(good_claims(), &json!({ "padding": "p".repeat(bytes) }));
        key.token(&key.header(), &claims)
    };
    let smallest = of_padding(0).len();
    let fitting =
        (MAX_TOKEN_BYTES - smallest) * 3 / 4 - 2..(MAX_TOKEN_BYTES - smallest) * 3 / 4 + 3;
    let mut longest = 0;
    for token in fitting.map(of_padding) {
        let fits = token.len() <= MAX_TOKEN_BYTES;
        let expected = if fits { "admitted" } else { "token_too_large" };
        assert_eq!(code(&ring, &token), expected, "{} bytes", token.len());
        longest = if fits {
            longest.max(token.len())
        } else {
            longest
        };
    }
    assert!(longest >= MAX_TOKEN_BYTES - 1, "{longest}");

    let huge = "x".repeat(64 * 1024 * 1024);
    assert_eq!(
        UntrustedToken::parse(&huge).unwrap_err(),
        Denied::TokenTooLarge { size: huge.len() }
    );
}

/// The header is read before anything is verified, so reading it must stay cheap.
#[test]
fn a_header_of_a_thousand_names_or_levels_is_only_a_header() {
    let key = ed();
    let ring = ring([&key]);
    let names: Vec<String> = (0..600).map(|i| format!(r#""{i}":0"#)).collect();
    let wide = format!(r#"{{"alg":"EdDSA","kid":"key-1",{}}}"#, names.join(","));
    assert_eq!(
        code(&ring, &key.token_of_text(wide, good_claims().to_string())),
        "admitted"
    );
    let deep = format!(
        r#"{{"alg":"EdDSA","x":{}{}}}"#,
        "[".repeat(2500),
        "]".repeat(2500)
    );
    assert_eq!(
        code(&ring, &key.token_of_text(deep, "{}")),
        "token_malformed"
    );
}

#[test]
fn session_tokens_are_recognised_and_nothing_else_is_taken_for_one() {
    let session = "cqcEigmwYMoRaMTDUtainGYYNrtrhLGp";
    let key = ed();
    let ring = ring([&key]);
    for (token, expected) in [
        (session.to_owned(), "session_token"),
        (
            format!("{session}.p1Zm2kq5h0nZ0w5m6gHnq1Nf0aT1q3cVYb1m0b1s2dE="),
            "session_token",
        ),
        (
            format!("{session}.p1Zm%2Bq5h0nZ0w5m6gHnq1Nf0aT1q3cVYb1m0b1s2dE%3D"),
            "session_token",
        ),
        (format!("{session}."), "session_token"),
        (session[..31].to_owned(), "token_malformed"),
        (format!("{session}A"), "token_malformed"),
        (session.replace('c', "-"), "token_malformed"),
        (format!("{session}.{session}.{session}"), "token_malformed"),
        (format!("{session}.a b"), "token_malformed"),
    ] {
        assert_eq!(code(&ring, &token), expected, "{token}");
    }
}

/// Every byte that is none of `A-Z a-z 0-9 _ - .`, wherever it stands: no decoder sees it.
#[test]
fn a_byte_outside_the_alphabet_is_refused_wherever_it_stands() {
    let key = lasting(Algorithm::EdDsa);
    let ring = ring([key]);
    let good = key.good_token();
    let places = [
        0,
        5,
        good.find('.').unwrap(),
        good.rfind('.').unwrap(),
        good.len(),
    ];
    for c in (0..=255_u8)
        .map(char::from)
        .chain(['\u{ff0e}', '\u{2024}', '\u{200b}', '\u{430}'])
    {
        if c.is_ascii_alphanumeric() || "_-.".contains(c) {
            continue;
        }
        for place in places {
            let mut token = good.clone();
            token.insert(place, c);
            assert_eq!(code(&ring, &token), "token_malformed", "{c:?} at {place}");
        }
    }
}

/// Header and claims are UTF-8 without a mark, and JSON without tolerance (RFC 8725 §3.7).
#[test]
fn other_encodings_of_header_and_claims_are_refused() {
    let key = lasting(Algorithm::EdDsa);
    let ring = ring([key]);
    let utf16 = |text: &str, le: bool| -> Vec<u8> {
        let units = text.encode_utf16();
        units
            .flat_map(|unit| {
                if le {
                    unit.to_le_bytes()
                } else {
                    unit.to_be_bytes()
                }
            })
            .collect()
    };
    let with_member = |object: &Value, member: &[u8]| {
        let text = object.to_string().into_bytes();
        [&text[..text.len() - 1], b",\"x\":\"", member, b"\"}"].concat()
    };
    let bad = |object: &Value| -> Vec<(&str, Vec<u8>)> {
        let text = object.to_string();
        vec![
            (
                "a byte order mark",
                [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            ),
            ("utf-16, little", utf16(&text, true)),
            ("utf-16, big", utf16(&text, false)),
            (
                "utf-16 with a mark",
                [b"\xff\xfe".to_vec(), utf16(&text, true)].concat(),
            ),
            (
                "utf-32",
                text.chars()
                    .flat_map(|c| (c as u32).to_le_bytes())
                    .collect(),
            ),
            ("latin-1", with_member(object, b"\xe9")),
            ("an overlong slash", with_member(object, b"\xc0\xaf")),
            ("an overlong nul", with_member(object, b"\xc0\x80")),
            ("a surrogate in utf-8", with_member(object, b"\xed\xa0\x80")),
            ("beyond unicode", with_member(object, b"\xf4\x90\x80\x80")),
            (
                "cut off inside a character",
                with_member(object, b"\xe2\x82"),
            ),
            ("a lone high surrogate", with_member(object, br"\ud800")),
            ("a lone low surrogate", with_member(object, br"\udc00")),
            ("surrogates swapped", with_member(object, br"\udc00\ud800")),
            ("a raw newline in a text", with_member(object, b"\n")),
            ("a raw nul in a text", with_member(object, b"\0")),
            ("an escape that is none", with_member(object, br"\x41")),
            ("a comment", format!("{text}//").into_bytes()),
            (
                "a trailing comma",
                format!("{},}}", &text[..text.len() - 1]).into_bytes(),
            ),
            ("single quotes", text.replace('"', "'").into_bytes()),
            ("a nul at the end", format!("{text}\0").into_bytes()),
            ("nothing", Vec::new()),
        ]
    };
    for (name, header) in bad(&key.header()) {
        let token = key.token_of_text(header, good_claims().to_string());
        assert_eq!(code(&ring, &token), "token_malformed", "{name}");
    }
    for (name, claims) in bad(&good_claims()) {
        let expected = if claims.is_empty() {
            "token_malformed"
        } else {
            "claims_malformed"
        };
        let token = key.token_of_text(key.header().to_string(), claims);
        assert_eq!(code(&ring, &token), expected, "{name}");
    }
    // The same members in a right encoding are nobody's business.
    for fine in ["\u{e9}", r"\ud83d\ude00", r"\u0000", "\u{10ffff}", r"\/"] {
        let header = with_member(&key.header(), fine.as_bytes());
        let claims = with_member(&good_claims(), fine.as_bytes());
        assert_eq!(
            code(&ring, &key.token_of_text(header, claims)),
            "admitted",
            "{fine}"
        );
    }
}
