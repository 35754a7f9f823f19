//! tasks-domain
