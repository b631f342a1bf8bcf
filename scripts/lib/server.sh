# What scripts/start and scripts/stop know of a directory's servers.  Sourced
# after common.sh, with $dir set.
#
#     DIR/env          addresses and keys, for the shell
#     DIR/nginx.conf   made from conf/nginx.conf
#     DIR/log/         of nginx and PostgreSQL
#     DIR/state/       PostgreSQL's data and socket, nginx's temporary files
#
# As root PostgreSQL runs as "postgres", and nginx's workers as "www-data".
# Where these may not enter DIR (a clone in /root), or where a socket's path
# would be longer than the kernel takes, DIR/state is a link to a directory
# elsewhere.

nginx=$(command -v nginx || true)
pg_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)

if [ "$(id -u)" -eq 0 ]; then
    pg_user=postgres
    nginx_user=www-data
else
    pg_user=
    nginx_user=
fi


# as the user whom PostgreSQL belongs to, from where that user may stand

as_postgres() {
    if [ -n "$pg_user" ]; then
        (cd / && exec runuser -u "$pg_user" -- "$@")
    else
        (cd / && exec "$@")
    fi
}


pg_running() {
    [ -d "$dir/state/postgres" ] \
        && as_postgres "$pg_bin/pg_ctl" -D "$(state)/postgres" status \
               > /dev/null 2>&1 \
        && ! pg_zombie
}


# killed, and in a container whose first process does not reap: such a pid
# looks alive to PostgreSQL

pg_zombie() {
    pid=$(head -n 1 "$dir/state/postgres/postmaster.pid" 2>/dev/null) \
        && grep -q '^State:[^A-Z]*Z' "/proc/$pid/status" 2>/dev/null
}


pg_start() {
    if pg_zombie; then
        rm -f "$dir/state/postgres/postmaster.pid" \
            "$dir/state/run/.s.PGSQL.5432.lock"
    fi

    as_postgres "$pg_bin/pg_ctl" -D "$(state)/postgres" -s -w -t 60 \
        -l "$(state)/log/postgres.log" start > /dev/null 2>&1
}


pg_stop() {
    as_postgres "$pg_bin/pg_ctl" -D "$(state)/postgres" -s -w -m fast stop
}


# the link's target: its owner may not pass through the link

state() {
    realpath "$dir/state"
}


# the master's pid, when it is ours and alive

nginx_pid() {
    pid=$(cat "$dir/nginx.pid" 2>/dev/null) || return 1

    [ -n "$pid" ] && [ -r "/proc/$pid/cmdline" ] \
        && tr '\0' ' ' < "/proc/$pid/cmdline" \
           | grep -Fq "$dir/nginx.conf" || return 1

    echo "$pid"
}


# workers go on when their master was killed; they are known by their log

nginx_orphans() {
    ! nginx_pid > /dev/null || return 0

    find /proc/[0-9]*/fd -lname "$dir/log/error.log" 2>/dev/null \
        | cut -d / -f 3 | sort -u \
        | while read -r pid; do
              [ "$(cat "/proc/$pid/comm" 2>&1)" != nginx ] || echo "$pid"
          done
}


# requests under way are answered first, for ten seconds

nginx_stop() {
    for worker in $(nginx_orphans); do
        nginx_leave "$worker" TERM
    done

    ! master=$(nginx_pid) || nginx_leave "$master" QUIT
}

nginx_leave() {
    kill -s "$2" "$1" 2>/dev/null || return 0
    i=0

    while nginx_alive "$1"; do
        i=$((i + 1))
        [ $i -ne 100 ] || kill -s TERM "$1" 2>/dev/null || true
        [ $i -lt 130 ] || fail "nginx ($1) does not stop"
        sleep 0.1
    done
}

# what nobody reaps, in a container without an init, is no process any more

nginx_alive() {
    kill -0 "$1" 2>/dev/null \
        && ! grep -q '^State:[^A-Z]*Z' "/proc/$1/status" 2>/dev/null
}
