//! auth-testkit
