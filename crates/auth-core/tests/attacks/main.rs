//! What attackers and broken issuers send, in tables: each row is one of their ideas and the one
//! code it must be refused with.
//!
//! | file | is about |
//! |---|---|
//! | `shapes` | what is no token at all |
//! | `tokens`, `kinds` | headers, keys and types |
//! | `signatures`, `rsa` | what must not pass for a signature |
//! | `claims`, `limits` | what is signed but wrong |
//! | `issuers` | several of them, side by side |
//! | `order` | what is judged before what, and what is never told |
//! | `examined` | how far a token came, for tools that explain |
//! | `key_sets`, `keys` | what an issuer publishes |
//! | `cves`, `josekit_traps` | what has happened elsewhere |
//! | `forge` | the pen that all of this is written with |

#![expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]

mod claims;
mod cves;
mod examined;
mod forge;
mod issuers;
mod josekit_traps;
mod key_sets;
mod keys;
mod kinds;
mod limits;
mod order;
mod rsa;
mod shapes;
mod signatures;
mod tokens;
