using System.Buffers;

namespace Redlock.Fast.Resp;

/// <summary>
/// Renews the login of one connection before it ends: asks for credentials in time, and sends AUTH on the connection as one more frame.
/// </summary>
/// <remarks>
/// Whatever fails is told and tried again; the connection serves on meanwhile, for as long as the node lets it. It is made anew only where
/// the node refuses what it would take from a new one: at the end of the login, when AUTH was refused, or where AUTH can't be sent because
/// the connection has subscriptions. One step at a time: whoever takes the stage from one value to the next owns the fields until then.
/// </remarks>
internal sealed class LoginRenewal : ReplyHandler, IDisposable
{
    private readonly RespConnection _connection;
    private readonly NodeContext _node;
    private readonly IConnectionObserver _observer;
    private readonly ReconnectDelay _pauses;
    private readonly CancellationTokenSource _end;
    private readonly CancellationToken _ended;
    private readonly ITimer _timer;
    private Login _login;
    private Login? _next;
    private long _dueTicks;
    private int _stage = (int)Stage.Asking;

    private LoginRenewal(
        Login login, RespConnection connection, NodeContext node, IConnectionObserver observer, CancellationToken disposed)
    {
        _login = login;
        _connection = connection;
        _node = node;
        _observer = observer;
        _pauses = new ReconnectDelay(node.Options.ReconnectDelay, LoginTimes.LongestPause, node.Scheduler);
        _end = CancellationTokenSource.CreateLinkedTokenSource(disposed);
        _ended = _end.Token;
        _timer = WithoutContext.CreateTimer(node.Time, static renewal => ((LoginRenewal)renewal!).Look(), this);
    }

    private enum Stage
    {
        Over = 0,

        // The timer is set.
        Resting,

        // Credentials are asked for, or it is between two of the others.
        Asking,

        // AUTH is on its way.
        Sent,
    }

    /// <inheritdoc/>
    internal override string? Command => "AUTH";

    private TimeSpan Left => _node.Time.GetElapsedTime(_node.Time.GetTimestamp(), _login.EndTicks);

    /// <summary>Watches over a login; not over one that never ends.</summary>
    /// <param name="login">What the connection is entered with.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="node">The node.</param>
    /// <param name="observer">Told of troubles.</param>
    /// <param name="disposed">The end of the node.</param>
    public static LoginRenewal? Start(
        Login login, RespConnection connection, NodeContext node, IConnectionObserver observer, CancellationToken disposed)
    {
        if (login.EndTicks == Login.Never)
        {
            return null;
        }

        LoginRenewal renewal = new(login, connection, node, observer, disposed);
        renewal.Rest(LoginTimes.UntilRenewal(renewal.Left, node.Scheduler.NextJitter()));
        return renewal;
    }

    /// <summary>The connection is over: what is asked for is not wanted any more.</summary>
    public void Dispose()
    {
        Interlocked.Exchange(ref _stage, (int)Stage.Over);
        NodeHandlers.Run(_node.Name, _timer.Dispose);
        NodeHandlers.Run(_node.Name, _end.Cancel);
        _end.Dispose();
    }

    /// <inheritdoc/>
    public override void OnReply(long tag, in RespReply reply)
    {
        if (reply.Type != RespType.Error)
        {
            if (TryMove(Stage.Sent, Stage.Asking))
            {
                Renewed();
            }

            return;
        }

        // Its own words may repeat the password.
        string code = ServerText.Code(reply);
        if (code == "ERR" && _observer.HearsPushes)
        {
            Leave("the login ends soon, and RESP2 lets a connection with subscriptions send no AUTH; the connection is made anew.");
            return;
        }

        string problem = $"AUTH was refused with {code} when the login was to be renewed";
        if (Left <= TimeSpan.Zero)
        {
            RespMetrics.CountFailedLogin(_node.Name, code);
            Leave($"{problem}, and the login has ended; the connection is made anew.");
            return;
        }

        Fail(Stage.Sent, $"{problem}; the credentials are asked for again. See ACL GETUSER on the server.", code);
    }

    /// <inheritdoc/>
    public override void OnFailure(long tag, RequestFailure failure) =>
        Fail(Stage.Sent, $"AUTH, which was to renew the login, got no reply ({failure}).", $"{failure}");

    private void Look()
    {
        long now = _node.Time.GetTimestamp();
        if (now < Interlocked.Read(ref _dueTicks))
        {
            SetTimer(now);
            return;
        }

        if (_connection.End is null && TryMove(Stage.Resting, Stage.Asking))
        {
            LoginCall.Start(_node, Take, _ended);
        }
    }

    private void Take(LoginAnswer answer)
    {
        if (answer.Login is null)
        {
            Fail(Stage.Asking, $"the login was not renewed: {answer.Problem}", answer.Cause);
            return;
        }

        _next = answer.Login;
        ArrayBufferWriter<byte> frame = new();
        RespWriter.WriteCommand(frame, answer.Login.Command);
        TimeSpan limit = _node.Options.CommandTimeLimit;
        if (!TryMove(Stage.Asking, Stage.Sent))
        {
            return;
        }

        RespTicket ticket = _connection.TrySend(
            frame.WrittenSpan,
            new RespRequest
            {
                Handler = this,
                DeadlineTicks = _node.Time.GetTimestamp() + ClockTicks.Of(_node.Time, limit),
                Priority = RequestPriority.Reserved,
            });
        if (!ticket.IsTaken)
        {
            Fail(Stage.Sent, $"AUTH, which was to renew the login, could not be sent ({ticket.Failure}).", $"{ticket.Failure}");
        }
    }

    private void Renewed()
    {
        _login = _next!;
        _pauses.Reset();
        RespMetrics.CountRenewedLogin(_node.Name);
        if (_login.EndTicks != Login.Never)
        {
            Rest(LoginTimes.UntilRenewal(Left, _node.Scheduler.NextJitter()));
        }
    }

    private void Fail(Stage stage, string problem, string cause)
    {
        // Of a connection that is over, whoever ended it has told.
        if (_connection.End is not null || !TryMove(stage, Stage.Asking))
        {
            return;
        }

        RespMetrics.CountFailedLogin(_node.Name, cause);
        _observer.OnLoginTrouble($"{_node.Name}: {problem}");
        Rest(LoginTimes.UntilRetry(_pauses.Next(), Left));
    }

    private void Leave(string what)
    {
        if (TryMove(Stage.Sent, Stage.Over))
        {
            _connection.Leave(new ConnectionEnd(RequestFailure.NotConnected, $"{_node.Name}: {what}"));
        }
    }

    private void Rest(TimeSpan wait)
    {
        long now = _node.Time.GetTimestamp();
        Interlocked.Exchange(ref _dueTicks, now + ClockTicks.Of(_node.Time, wait));
        if (TryMove(Stage.Asking, Stage.Resting))
        {
            SetTimer(now);
        }
    }

    // A foreign clock's timer may be disposed of by now, and say so.
    private void SetTimer(long now)
    {
        TimeSpan due = DueTime.Until(Interlocked.Read(ref _dueTicks), now, _node.Time);
        NodeHandlers.Run(_node.Name, () => _timer.Change(due, Timeout.InfiniteTimeSpan));
    }

    private bool TryMove(Stage from, Stage to) => Interlocked.CompareExchange(ref _stage, (int)to, (int)from) == (int)from;
}
