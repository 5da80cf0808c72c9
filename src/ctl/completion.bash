# SPDX-License-Identifier: MIT
# Completion for bash of syncmanagerctl's options, commands and types.

_syncmanagerctl() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command='' i
    COMPREPLY=()
    case $prev in
    --authkey-file | --tls-ca | --tls-certificate | --tls-key)
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        return
        ;;
    --address | --timeout | --keepalive)
        return
        ;;
    esac
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --address | --authkey-file | --tls-ca | --tls-certificate | --tls-key | --timeout | --keepalive) ((i++)) ;;
        -*) ;;
        *)
            command=${COMP_WORDS[i]}
            break
            ;;
        esac
    done
    case $command in
    '')
        mapfile -t COMPREPLY < <(compgen -W "--address --authkey-file --tls-ca --tls-certificate --tls-key --timeout --keepalive --json --help \
            --version call clients create drop info kill locks metrics objects page ping shutdown" -- "$cur")
        ;;
    create)
        mapfile -t COMPREPLY < <(compgen -W "Array Barrier BoundedSemaphore Condition Counter Event \
            JoinableQueue Lock Namespace Queue RLock Semaphore Value dict list set" -- "$cur")
        ;;
    esac
}

complete -F _syncmanagerctl syncmanagerctl
