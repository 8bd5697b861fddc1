%% otp_player.erl - plays cases with OTP's own supervisor and tells what happened.
%%
%% The driver (beside.c) writes a file of cases, a term a line, and names it on standard input; the
%% traces go to that name with ".out" added, and "done" to standard output.
%%
%% Determinism without sleeping. There is one scheduler. The supervisors and their children have
%% priority high, the collector max, the player normal. So when the player runs again after a
%% yield, every exit and every message has been dealt with, but for what waits on a timer: a
%% supervisor that waits for a child that ignores its stop. It is seen by what it is doing.
%%
%% Restart windows. A supervisor keeps the times of its restarts in whole seconds; "advance" makes
%% them older (sys:replace_state), which is all that the passing of time means to it.
-module(otp_player).
-behaviour(supervisor).
-export([main/0, init/1, start_process/3, start_supervisor/3, log/2]).

%% Where the supervisor's state keeps what we look at (OTP 24 to 27).
-define(RESTARTS, 8).
-define(WAIT_MS, 60000).

main() ->
    process_flag(trap_exit, true),
    ok = logger:add_handler(otp_player, ?MODULE, #{level => error}),
    ok = logger:remove_handler(default),
    [{module, _} = code:ensure_loaded(M)
     || M <- [supervisor, gen_server, gen, sys, proc_lib, logger, logger_server, logger_backend,
              logger_config, lists, maps, ets, erl_scan, erl_parse, io_lib, ?MODULE]],
    Self = self(),
    ets:new(life, [named_table, public]),
    ets:new(path, [named_table, public]),
    ets:new(fails, [named_table, public]),
    ets:new(marked, [named_table, public]),
    Pid = spawn_opt(fun() -> collect([]) end, [link, {priority, max}]),
    true = register(collector, Pid),
    %% What is loaded at its first use is loaded now.
    play({0, {sup, root, root, one_for_one, 0, 2, never, permanent,
        infinity, false, [{proc, a, a, permanent, 1, false, ignores},
                          {proc, b, b, permanent, 5000, false, obeys}]},
        1, [[boot], [{exit, b, abnormal}], [{advance, 4}]]}, Self),
    io:format("ready ~s~n", [erlang:system_info(otp_release)]),
    serve(Self).

serve(Self) ->
    case io:get_line("") of
        Line when is_list(Line) ->
            File = string:trim(Line),
            {ok, Text} = file:read_file(File),
            Traces = [play_line(L, Self) || L <- binary:split(Text, <<"\n">>, [global]), L =/= <<>>],
            ok = file:write_file(File ++ ".out", Traces),
            io:format("done~n"),
            serve(Self);
        _ ->
            halt(0)
    end.

play_line(Line, Self) ->
    {ok, Tokens, _} = erl_scan:string(binary_to_list(Line)),
    {ok, Case} = erl_parse:parse_term(Tokens),
    play(Case, Self).

play({_Number, Tree, Scale, Script}, Self) ->
    [ets:delete_all_objects(T) || T <- [life, path, fails, marked]],
    ets:insert(fails, {'$scale', Scale}),
    put(root, none),
    Slow = ignores(Tree),
    Out = [play_block(B, Tree, Slow, Self) || B <- Script],
    end_root(),
    settle(Slow),
    Left = [P || {P, _, _, _, _} <- ets:tab2list(life), is_process_alive(P)],
    _ = take(),
    [Out, ["left alive\n" || Left =/= []], "end\n"].

%% Does anything in the tree outlive its stop?
ignores({sup, _, _, _, _, _, _, _, _, _, Children}) -> lists:any(fun ignores/1, Children);
ignores({proc, _, _, _, _, _, Manner}) -> Manner =:= ignores.

%% A case ends with a shutdown; this is for those that were cut short.
end_root() ->
    case get(root) of
        Root when is_pid(Root) ->
            exit(Root, shutdown),
            receive {'EXIT', Root, _} -> put(root, none) end;
        none ->
            ok
    end.

%% ---- a block: one thing, or several that reach one supervisor before it handles the first

play_block([Item], Tree, Slow, Self) ->
    Calls = do(Item, Tree, 1, Self),
    finish_block(none, Calls, Calls, Slow);
play_block(Items, Tree, Slow, Self) ->
    Sup = current(parent_of(element(2, hd(Items)))),
    Sup =:= none orelse erlang:suspend_process(Sup),
    {Calls, Early} = lists:foldl(
        fun(Item, {N, Early}) ->
            case do(Item, Tree, N + 1, Self) of
                0 when Early =:= none -> {N, N};
                More -> {N + More, Early}
            end
        end, {0, none}, Items),
    Sup =:= none orelse erlang:resume_process(Sup),
    finish_block(Sup, Early, Calls, Slow).

%% Early: how many of the calls came before an exit.
finish_block(Sup, Early, Calls, Slow) ->
    settle(Slow),
    receive {'EXIT', _, _} -> put(root, none) after 0 -> ok end,
    Events = take(),
    Ended = Sup =:= none orelse not is_process_alive(Sup),
    [canonical(Events),
     [reply(N, N > Early andalso Ended) || N <- lists:seq(1, Calls)],
     state(), "--\n"].

%% Returns how many calls are under way.
do(boot, Tree, _, _) ->
    case start_supervisor(Tree, none, self()) of
        {ok, Pid} -> put(root, Pid);
        {error, _} ->
            receive {'EXIT', _, _} -> ok end,
            note(boot_failed)
    end,
    0;
do({exit, Path, Kind}, _, _, _) ->
    leave(Path, Kind, fun(Pid) -> Pid ! {exit, Kind} end),
    0;
do({kill, Path}, _, _, _) ->
    leave(Path, abnormal, fun(Pid) -> exit(Pid, kill) end),
    0;
do({fail, Path, N}, _, _, _) ->
    ets:insert(fails, {Path, N}),
    0;
do({advance, Seconds}, _, _, _) ->
    [sys:replace_state(Pid, fun(State) -> older(State, Seconds) end) || Pid <- supervisors()],
    0;
do(shutdown, _, _, _) ->
    case get(root) of
        none -> ok;
        Root -> exit(Root, shutdown)
    end,
    0;
do({Command, Path}, _, N, Self) ->
    Sup = current(parent_of(Path)),
    spawn_opt(fun() -> Self ! {reply, N, command(Command, Sup, Path)} end, [{priority, high}]),
    erlang:yield(),
    1.

leave(Path, Kind, How) ->
    case current(Path) of
        none ->
            note({nothing, Path});
        Pid ->
            ets:insert(marked, {Pid, Kind}),
            How(Pid),
            erlang:yield(),
            is_process_alive(Pid) andalso note({lingers, Path}),
            ok
    end.

older(State, Seconds) ->
    setelement(?RESTARTS, State, [T - Seconds || T <- element(?RESTARTS, State)]).

command(_, none, _) -> down;
command(Command, Sup, Path) ->
    try outcome(call(Command, Sup, name_of(Path)))
    catch exit:_ -> down
    end.

call(stop, Sup, Id) -> supervisor:terminate_child(Sup, Id);
call(start, Sup, Id) -> supervisor:restart_child(Sup, Id);
call(delete, Sup, Id) -> supervisor:delete_child(Sup, Id);
call(restart, Sup, Id) ->
    case supervisor:terminate_child(Sup, Id) of
        ok -> supervisor:restart_child(Sup, Id);
        Error -> Error
    end.

outcome(ok) -> ok;
outcome({ok, _}) -> ok;
outcome({error, running}) -> refused;
outcome({error, restarting}) -> refused;
outcome({error, not_found}) -> gone;
outcome({error, _}) -> 'start failed'.

%% Whether a name is gone is found out by supd when the command arrives, and by OTP when its turn
%% comes. For a supervisor that has ended by then, the one answer is as good as the other.
reply(N, TooLate) ->
    receive
        {reply, N, gone} when TooLate -> "reply down\n";
        {reply, N, What} -> ["reply ", atom_to_list(What), $\n]
    after 0 -> "no reply\n"
    end.

%% ---- quiescence

settle(Slow) ->
    erlang:yield(),
    Slow andalso settle_slowly(?WAIT_MS).

settle_slowly(0) -> note(stuck);
settle_slowly(Left) ->
    case lists:all(fun is_idle/1, supervisors()) of
        true -> ok;
        false ->
            receive after 1 -> ok end,
            settle_slowly(Left - 1)
    end.

is_idle(Pid) ->
    case process_info(Pid, current_function) of
        {current_function, {gen_server, loop, _}} -> true;
        undefined -> true;
        _ -> false
    end.

supervisors() ->
    [Pid || {Pid, _, sup, _, _} <- ets:tab2list(life), is_process_alive(Pid)].

current(Path) ->
    case ets:lookup(path, Path) of
        [{_, Pid}] ->
            case is_process_alive(Pid) of
                true -> Pid;
                false -> none
            end;
        [] ->
            none
    end.

%% ---- paths: atoms as in the configuration; root is the root

parent_of(Path) ->
    case string:split(atom_to_list(Path), "/", trailing) of
        [Parent, _] -> list_to_atom(Parent);
        [_] -> root
    end.

name_of(Path) ->
    list_to_atom(lists:last(string:split(atom_to_list(Path), "/", trailing))).

%% ---- the tree

%% Called by the supervisor above, or by the player. The same as supervisor:start_link/2, but for
%% the priority of the process.
start_supervisor(Tree, Above, _Player) ->
    gen_server:start_link(supervisor, {self, ?MODULE, {Tree, Above}},
        [{spawn_opt, [{priority, high}]}]).

init({{sup, Path, _Name, Strategy, Intensity, Period, Auto, _, _, _, Children}, Above}) ->
    put(path, Path),
    started({Path, sup, Above}, self()),
    {ok, {#{strategy => Strategy, intensity => Intensity, period => Period,
            auto_shutdown => Auto},
          [child_spec(C, self()) || C <- Children]}}.

child_spec({proc, Path, Name, Restart, Shutdown, Significant, Manner}, Sup) ->
    #{id => Name, start => {?MODULE, start_process, [Path, Manner, Sup]}, restart => Restart,
      shutdown => scaled(Shutdown), significant => Significant, type => worker};
child_spec({sup, _, Name, _, _, _, _, Restart, Shutdown, Significant, _} = Tree, Sup) ->
    #{id => Name, start => {?MODULE, start_supervisor, [Tree, Sup, none]}, restart => Restart,
      shutdown => scaled(Shutdown), significant => Significant, type => supervisor}.

%% Short times become real ones; whatever is a second or more is never reached.
scaled(Ms) when is_integer(Ms), Ms < 1000 -> Ms * scale();
scaled(Ms) when is_integer(Ms) -> Ms * 20;
scaled(Other) -> Other.

scale() -> ets:lookup_element(fails, '$scale', 2).

start_process(Path, Manner, Sup) ->
    case ets:lookup(fails, Path) of
        [{_, N}] when N > 0 ->
            ets:insert(fails, {Path, N - 1}),
            note({start_failed, Path}),
            {error, failed};
        _ ->
            Pid = spawn_opt(fun() -> live(Manner, Sup) end, [link, {priority, high}]),
            started({Path, proc, Sup}, Pid),
            {ok, Pid}
    end.

%% A plain process dies of its supervisor's shutdown at once; the others look at it first.
live(obeys, _) ->
    receive {exit, Kind} -> leave_with(Kind) end;
live(Manner, Sup) ->
    process_flag(trap_exit, true),
    live_trapping(Manner, Sup).

live_trapping(Manner, Sup) ->
    receive
        {exit, Kind} -> leave_with(Kind);
        {'EXIT', Sup, shutdown} when Manner =:= fails -> exit(crash);
        {'EXIT', Sup, shutdown} when Manner =:= finishes -> exit(normal);
        {'EXIT', Sup, killed} -> exit(killed);
        {'EXIT', Sup, _} -> live_trapping(Manner, Sup)
    end.

leave_with(normal) -> exit(normal);
leave_with(abnormal) -> exit(crash).

%% ---- the collector: what happened, in the order in which it did

started(What, Pid) ->
    collector ! {started, self(), What, Pid},
    receive {collector, Pid} -> ok end.

note(What) -> collector ! {note, What}.

take() ->
    collector ! {take, self()},
    receive {events, Events} -> Events end.

collect(Events) ->
    receive
        {started, From, {Path, Kind, Above}, Pid} ->
            monitor(process, Pid),
            ets:insert(life, {Pid, Path, Kind, Above, alive}),
            ets:insert(path, {Path, Pid}),
            From ! {collector, Pid},
            collect([{started, Kind, Path} | Events]);
        {note, What} ->
            collect([What | Events]);
        {'DOWN', _, process, Pid, Reason} ->
            collect([ended(Pid, Reason) | Events]);
        {take, From} ->
            From ! {events, lists:reverse(Events)},
            collect([])
    end.

ended(Pid, Reason) ->
    [{_, Path, Kind, _, _}] = ets:lookup(life, Pid),
    Kind =:= sup andalso Reason =:= killed andalso kill_below(Pid),
    {ended, Kind, Path, Pid, Reason, ets:lookup(marked, Pid)}.

%% OTP leaves the processes below a killed supervisor to themselves; supd kills them too.
kill_below(Sup) ->
    [begin exit(Pid, kill), Kind =:= sup andalso kill_below(Pid) end
     || {Pid, _, Kind, Above, _} <- ets:tab2list(life), Above =:= Sup].

%% Runs in the process that logs.
log(#{msg := {report, #{label := {supervisor, shutdown}, report := Report}}}, _) ->
    case lists:keyfind(reason, 1, Report) of
        {_, reached_max_restart_intensity} -> note({gave_up, get(path)});
        _ -> ok
    end;
log(_, _) ->
    ok.

%% ---- the canonical trace

canonical(Events) ->
    Killed = [Pid || {ended, sup, _, Pid, killed, _} <- Events],
    [line(E, Killed, Events) || E <- Events].

line({started, proc, Path}, _, _) -> ["start ", text(Path), $\n];
line({started, sup, _}, _, _) -> [];
line({start_failed, Path}, _, _) -> ["start failed ", text(Path), $\n];
line({gave_up, Path}, _, _) -> ["gave up ", text(Path), $\n];
line({nothing, Path}, _, _) -> ["nothing at ", text(Path), $\n];
line({lingers, Path}, _, _) -> ["lingers ", text(Path), $\n];
line(Word, _, _) when is_atom(Word) -> [atom_to_list(Word), $\n];
line({ended, proc, Path, _, _, [{_, Kind}]}, _, _) ->
    ["exit ", text(Path), $\s, atom_to_list(Kind), $\n];
line({ended, proc, Path, Pid, Reason, []}, Killed, _) ->
    case {killed_above(Pid, Killed), Reason} of
        {none, killed} -> ["kill ", text(Path), $\n];
        {none, _} -> ["stop ", text(Path), $\n];
        {_, _} -> []
    end;
line({ended, sup, _, Pid, killed, _}, Killed, Events) ->
    %% All that ends with a killed supervisor ends there, in no order.
    case killed_above(Pid, Killed) of
        none ->
            [["kill ", text(P), $\n]
             || P <- lists:sort([P || {ended, proc, P, Below, _, []} <- Events,
                                      killed_above(Below, Killed) =:= Pid])];
        _ ->
            []
    end;
line({ended, sup, _, _, _, _}, _, _) ->
    [].

%% The highest killed supervisor above a process.
killed_above(Pid, Killed) -> killed_above(Pid, Killed, none).

killed_above(_, [], _) -> none;
killed_above(Pid, Killed, Found) ->
    case ets:lookup(life, Pid) of
        [{_, _, _, none, _}] -> Found;
        [{_, _, _, Above, _}] ->
            case lists:member(Above, Killed) of
                true -> killed_above(Above, Killed, Above);
                false -> killed_above(Above, Killed, Found)
            end
    end.

text(root) -> "/";
text(Path) -> atom_to_list(Path).

%% ---- the state, from the supervisors' own mouths

state() ->
    case get(root) of
        none -> "= ended\n";
        Root -> ["= /", supervisor_state(Root), $\n]
    end.

supervisor_state(Pid) ->
    Restarts = length(element(?RESTARTS, sys:get_state(Pid))),
    Children = lists:reverse(supervisor:which_children(Pid)),
    [$+, integer_to_list(Restarts), " [", [[$\s, child_state(C)] || C <- Children], " ]"].

child_state({Id, undefined, _, _}) -> [atom_to_list(Id), $-];
child_state({Id, restarting, _, _}) -> [atom_to_list(Id), $~];
child_state({Id, _, worker, _}) -> [atom_to_list(Id), $+];
child_state({Id, Pid, supervisor, _}) -> [atom_to_list(Id), supervisor_state(Pid)].
