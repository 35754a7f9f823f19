//! auth-pg
