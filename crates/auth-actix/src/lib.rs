//! auth-actix
