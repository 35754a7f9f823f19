//! auth-core
