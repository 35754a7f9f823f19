//! domain-kit
