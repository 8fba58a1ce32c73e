// The node's memory comes from jemalloc. A command's parts are made by one thread and freed by another: the gateway's,
// an actor's, the writer's. glibc then locks the arena of the thread that made them, which cost a fifth of each
// command.

extern "C" {
/// Read by jemalloc before `main`. Memory that a burst took goes back to the kernel within ten seconds, also when
/// nothing happens any more. Two arenas a core, as on the machines where this was measured, are too many on large ones.
const char* malloc_conf = "background_thread:true,narenas:8";
}
