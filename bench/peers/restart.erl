%% From the kill of a supervised process to the answer of the one in its place. erl +S 2:2 -noshell -s restart main KILLS
-module(restart).
-export([main/1, init/1, handle_call/3, handle_cast/2, start_child/0]).

main([Kills]) ->
  N = list_to_integer(atom_to_list(Kills)),
  process_flag(trap_exit, true),
  logger:set_primary_config(level, none),
  {ok, _} = supervisor:start_link(?MODULE, sup),
  L = lists:sort([one() || _ <- lists:seq(1, N)]),
  io:format("{\"bench\":\"heal\",\"side\":\"erlang's supervisor\",\"p50_us\":~.1f,\"p99_us\":~.1f,\"kills\":~b,\"otp\":\"~s\"}~n",
    [lists:nth(N div 2, L), lists:nth(N * 99 div 100, L), N, erlang:system_info(otp_release)]),
  halt(0, [{flush, true}]).

one() ->
  P = whereis(restart_child),
  Begin = erlang:monotonic_time(nanosecond),
  exit(P, kill),
  again(P),
  (erlang:monotonic_time(nanosecond) - Begin) / 1000.0.

again(Old) ->
  case whereis(restart_child) of
    Old -> again(Old);
    undefined -> again(Old);
    P -> try P = gen_server:call(P, pid) catch exit:_ -> again(Old) end
  end.

start_child() -> gen_server:start_link({local, restart_child}, ?MODULE, child, []).
init(sup) -> {ok, {#{strategy => one_for_one, intensity => 10000000, period => 1}, [#{id => c, start => {?MODULE, start_child, []}}]}};
init(child) -> {ok, s}.
handle_call(pid, _, S) -> {reply, self(), S}.
handle_cast(_, S) -> {noreply, S}.
