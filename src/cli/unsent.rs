//! Why a request that a command sent got no answer.

/// Without the URL, which whoever typed it knows, and which may carry a credential.
pub(super) fn why(error: reqwest::Error) -> String {
    if error.is_builder() {
        "that is no URL, as in https://hooks.example.com".to_owned()
    } else if error.is_connect() {
        "nobody listens there".to_owned()
    } else if error.is_timeout() {
        "no answer came in time".to_owned()
    } else {
        error.without_url().to_string()
    }
}
