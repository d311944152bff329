#!/bin/sh
# Renders the site's configuration from the environment and starts nginx in the foreground.
# The web tier's image and the local stack run this same script, so what is tried here is what runs there.
#
#   BACKEND_URL         the app tier, such as http://app:8000 or https://app.example.org:8000 (required)
#   BACKEND_CA          certificates that an https app tier is checked against (default: the system's)
#   WEB_LISTEN          where to listen, [address:]port (default: 8080, or 8443 with a certificate)
#   WEB_TLS_CERT        certificate chain; with it, the site is served by https
#   WEB_TLS_KEY         its key
#   WEB_TRUSTED_PROXY   address or network of a load balancer whose X-Forwarded-* are believed (default: nobody's)
#   WEB_ROOT            the built web application (default: /usr/share/skydesk/web)
#   WEB_STATE           a folder that nginx may write to (default: /tmp/nginx)
#   NGINX, NGINX_USER   the program, and the user of its workers when started by root
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

fail() {
    echo "web tier: $*" >&2
    exit 1
}

: "${BACKEND_URL:?web tier: set BACKEND_URL to the address of the app tier, such as http://app:8000}"
: "${WEB_TLS_CERT:=}" "${WEB_TLS_KEY:=}" "${NGINX:=nginx}" "${NGINX_USER:=}"
: "${BACKEND_CA:=/etc/ssl/certs/ca-certificates.crt}" "${WEB_TRUSTED_PROXY:=255.255.255.255}"
: "${WEB_ROOT:=/usr/share/skydesk/web}" "${WEB_STATE:=/tmp/nginx}"

# http://name:port or https://name:port, and nothing behind it: these values become configuration.
backend_scheme=${BACKEND_URL%%://*}
backend_address=${BACKEND_URL#*://}
backend_address=${backend_address%/}
case "$backend_scheme" in
    http) default_port=80 ;;
    https) default_port=443 ;;
    *) fail "BACKEND_URL=$BACKEND_URL has to begin with http:// or https://" ;;
esac
case "$backend_address" in
    '' | *[!A-Za-z0-9.:_-]*) fail "BACKEND_URL=$BACKEND_URL has to be scheme://host:port, without a path" ;;
    *:*) ;;
    *) backend_address=$backend_address:$default_port ;;
esac

if [ -n "$WEB_TLS_CERT" ]; then
    [ -r "$WEB_TLS_CERT" ] || fail "WEB_TLS_CERT=$WEB_TLS_CERT cannot be read"
    [ -r "$WEB_TLS_KEY" ] || fail "WEB_TLS_KEY=$WEB_TLS_KEY cannot be read; a certificate needs its key"
    listen="${WEB_LISTEN:-8443} ssl http2"
else
    [ -z "$WEB_TLS_KEY" ] || fail "WEB_TLS_KEY is set, but WEB_TLS_CERT is not"
    listen=${WEB_LISTEN:-8080}
fi
[ -r "$WEB_ROOT/index.html" ] || fail "there is no index.html in WEB_ROOT=$WEB_ROOT; build it with: cargo xtask web"

for value in "$listen" "$WEB_ROOT" "$WEB_TLS_CERT" "$WEB_TLS_KEY" "$BACKEND_CA" "$WEB_TRUSTED_PROXY"; do
    case "$value" in
        *[\;\{\}\"\'\$\|\\\&]*) fail "'$value' has a character that a configuration file cannot take" ;;
    esac
done

mkdir -p "$WEB_STATE"
umask 077
sed -e "s|\${BACKEND_SCHEME}|$backend_scheme|g" \
    -e "s|\${BACKEND_ADDRESS}|$backend_address|g" \
    -e "s|\${BACKEND_NAME}|${backend_address%:*}|g" \
    -e "s|\${BACKEND_CA}|$BACKEND_CA|g" \
    -e "s|\${WEB_LISTEN}|$listen|g" \
    -e "s|\${WEB_ROOT}|$WEB_ROOT|g" \
    -e "s|\${WEB_TRUSTED_PROXY}|$WEB_TRUSTED_PROXY|g" \
    "$here/default.conf.template" > "$WEB_STATE/site.conf"
if [ -n "$WEB_TLS_CERT" ]; then
    printf 'ssl_certificate "%s";\nssl_certificate_key "%s";\n' "$WEB_TLS_CERT" "$WEB_TLS_KEY" > "$WEB_STATE/tls.conf"
else
    : > "$WEB_STATE/tls.conf"
fi
cp "$here/nginx.conf" "$WEB_STATE/nginx.conf"
cp /etc/nginx/mime.types "$WEB_STATE/mime.types"

cd "$WEB_STATE"
exec "$NGINX" -p "$WEB_STATE" -c "$WEB_STATE/nginx.conf" -g "daemon off; ${NGINX_USER:+user $NGINX_USER;}"
