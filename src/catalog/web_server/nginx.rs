//! nginx.

use super::WebServer;

/// nginx as Debian packages it: <https://nginx.org/en/docs/>
pub(super) const NGINX: WebServer = WebServer {
    name: "nginx",
    about: "nginx, from the distribution's packages",
    package: "nginx",
    service: "nginx",
    default_site: "/etc/nginx/sites-enabled/default",
    configure: &[&["nginx", "-t"]],
    complaint: r"\[emerg\]",
    files: &[("/etc/nginx/conf.d/bootseed.conf", "web/nginx.conf.j2")],
    replaced: &[
        "/etc/nginx/nginx.conf",
        "/etc/nginx/sites-available/default",
        "/etc/nginx/sites-enabled/default",
    ],
    sites: &["/etc/nginx/conf.d", "/etc/nginx/sites-available", "/etc/nginx/sites-enabled"],
    // It begins a variable: <https://nginx.org/en/docs/http/ngx_http_core_module.html#root>
    unquotable: "$",
};
