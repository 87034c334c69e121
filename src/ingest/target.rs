//! The target of a request, path and query, as it came on the wire: some providers sign it.
//!
//! Routes are found by a path without doubled slashes and one at its end, so what came must be kept
//! before it is normalized.

use actix_web::dev::ServiceRequest;
use actix_web::http::uri::PathAndQuery;
use actix_web::{HttpMessage, HttpRequest};

struct Target(PathAndQuery);

/// Keeps the target as it is now. To be called before anything changes it.
pub fn keep(request: &ServiceRequest) {
    if let Some(target) = request.uri().path_and_query() {
        request.extensions_mut().insert(Target(target.clone()));
    }
}

/// The target as it was kept, or else as it is.
pub(super) fn of(request: &HttpRequest) -> String {
    match request.extensions().get::<Target>() {
        Some(Target(target)) => target.to_string(),
        None => request.uri().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::dev::Service;
    use actix_web::middleware::NormalizePath;
    use actix_web::test::{TestRequest, call_and_read_body, init_service};
    use actix_web::{App, web};

    #[tokio::test]
    async fn the_target_is_what_came_whatever_the_route_needs() {
        let app = App::new()
            .wrap(NormalizePath::trim())
            .wrap_fn(|request, service| {
                keep(&request);
                service.call(request)
            })
            .route(
                "/webhooks/{source}",
                web::to(|request: HttpRequest| async move { of(&request) }),
            );
        let app = init_service(app).await;
        for target in ["/webhooks/clerk", "/webhooks/clerk/?a=%2f&b", "//webhooks//clerk?x=a+b"] {
            let request = TestRequest::with_uri(target).to_request();
            assert_eq!(call_and_read_body(&app, request).await, target);
        }
    }
}
