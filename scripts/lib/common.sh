# What the scripts share.  Sourced, with $root and $command set.

# su without "-" leaves root the PATH of who called it, in which neither these
# scripts nor dpkg find what is root's
PATH=$PATH:/usr/sbin:/sbin
export PATH

fail() {
    echo "$command: $*" >&2
    exit 1
}


# fails when one of the commands is not there

need() {
    for tool in "$@"; do
        command -v "$tool" >/dev/null \
            || fail "$tool is not installed, or not in PATH"
    done
}


# runs a command as root

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"

    else
        sudo "$@"
    fi
}


# fails when who is here cannot install what is missing

may_install() {
    [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null \
        || fail "there is no sudo: please install as root, with apt-get:$*"
}


# Installs those of the packages that are missing.  The services of packages
# that come in this way (nginx's own, PostgreSQL's own cluster) are neither
# started nor enabled: what we run, we run from a directory of ours.

install_packages() {
    missing=

    for package in "$@"; do
        case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)
        in
            installed)  ;;
            *)          missing="$missing $package" ;;
        esac
    done

    [ -n "$missing" ] || return 0

    command -v apt-get >/dev/null \
        || fail "please install the equivalents of these packages:$missing"

    may_install "$missing"
    echo "installing$missing" >&2
    mkdir -p "$var"

    # invoke-rc.d asks policy-rc.d before it starts anything; one that is
    # there already is left alone, ours goes away again
    # shellcheck disable=SC2016,SC2086    # words are wanted; $ is sh -c's
    as_root sh -c '
        policy=/usr/sbin/policy-rc.d

        if [ ! -e $policy ]; then
            trap "rm -f $policy" EXIT
            trap "exit 1" INT TERM
            printf "#!/bin/sh\nexit 101\n" > $policy
            chmod 755 $policy
        fi

        export DEBIAN_FRONTEND=noninteractive
        install="apt-get -q -y --no-install-recommends install"

        $install "$@" || { apt-get -q update && $install "$@"; } || exit 1

        for service in "$@"; do
            [ ! -e /etc/init.d/$service ] || update-rc.d $service disable
        done
    ' sh $missing < /dev/null > "$var/packages.log" 2>&1 \
        || fail "apt could not install$missing; see $var/packages.log"
}


# what scripts/build needs, and nginx, with what else is asked for

install_build_packages() {
    install_packages gcc make libc6-dev nginx nginx-dev libpq-dev \
        libjansson-dev libssl-dev zlib1g-dev libpcre2-dev "$@"
}


# apt with sources of our own, beside the machine's and without touching them.
# The mirror is the one the machine itself uses for Debian:
#
#     private_apt NAME "TYPE SUITE" COMMAND...
#
# What is signed is taken from a mirror that is behind, too: sid's lists are
# said to be valid for a week only.

private_apt() {
    state=$var/apt/$1
    what=$2
    shift 2

    mirror=$(debian_mirror)

    if [ -z "$mirror" ]; then
        # labels are known after the first update
        as_root apt-get -q update > /dev/null 2>&1 < /dev/null || true
        mirror=$(debian_mirror)
    fi

    [ -n "$mirror" ] || fail "apt's sources name no Debian mirror"

    mkdir -p "$state/lists/partial" "$state/archives/partial"

    keyring=/usr/share/keyrings/debian-archive-keyring.gpg

    echo "${what% *} [signed-by=$keyring] $mirror ${what#* } main" \
        > "$state/sources.list"

    apt-get -q -o Dir::Etc::SourceList="$state/sources.list" \
        -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::Etc::PreferencesParts=/dev/null \
        -o Dir::State::Lists="$state/lists" \
        -o Dir::Cache="$state" -o Dir::Cache::Archives="$state/archives" \
        -o APT::Sandbox::User= -o Debug::NoLocking=1 \
        -o Acquire::Check-Valid-Until=false \
        "$@" < /dev/null
}

debian_mirror() {
    # shellcheck disable=SC2016    # $ is apt's
    apt-get indextargets --format '$(LABEL) $(REPO_URI)' \
        'Created-By: Packages' | sed -n 's/^Debian //p' | head -n 1
}


# the distribution's source of nginx, unpacked once; prints its directory

nginx_source() {
    if [ -z "$(ls -d "$var"/source/nginx-*/src 2>/dev/null)" ]; then
        command -v dpkg-source >/dev/null || install_packages dpkg-dev

        codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
        rm -rf "$var/source"
        mkdir -p "$var/source"

        {
            private_apt source "deb-src $codename" update \
            && cd "$var/source" \
            && private_apt source "deb-src $codename" --only-source \
                   source nginx
        } > "$var/source.log" 2>&1 \
            || fail "nginx's source could not be fetched; see $var/source.log"
    fi

    ls -d "$var"/source/nginx-*/
}


# Test::Nginx::Socket: Debian has it in sid only, whose other packages have no
# business here.  What it needs comes from the machine's own release.

install_test_nginx() {
    perl -MTest::Nginx::Socket -e 1 2>/dev/null && return

    if [ -z "$(ls "$var"/packages/libtest-nginx-perl_*.deb 2>/dev/null)" ]
    then
        mkdir -p "$var/packages"

        (
            private_apt sid "deb sid" update \
            && cd "$var/packages" \
            && private_apt sid "deb sid" download libtest-nginx-perl
        ) > "$var/packages/log" 2>&1 \
            || fail "libtest-nginx-perl could not be fetched;" \
                    "see $var/packages/log"
    fi

    may_install " $(ls "$var"/packages/libtest-nginx-perl_*.deb)"
    echo "installing libtest-nginx-perl" >&2

    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
        --no-install-recommends install \
        "$var"/packages/libtest-nginx-perl_*.deb \
        < /dev/null > "$var/packages/log" 2>&1 \
        || fail "libtest-nginx-perl could not be installed;" \
                "see $var/packages/log"
}
