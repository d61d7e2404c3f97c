using System.Globalization;

namespace Redlock.Fast.Resp;

/// <summary>Where the logins of a node come from: the one that its options hold, or whoever gives it credentials that expire.</summary>
/// <remarks>One a node: its subscriber asks here as well, and what either was given is kept out of the texts of both.</remarks>
internal sealed class LoginSource(string name, RespNodeOptions options, ServerText text)
{
    // Calls that never end cost a thread each. So many may hang before it is waited for one of them: a token service that has forgotten a
    // call may well answer the next.
    private const int MostCalls = 8;

    // Beyond it lies whatever stands for "no end", and what a clock's ticks can't hold.
    private static readonly TimeSpan _never = TimeSpan.FromDays(36_500);

    private int _calls;

    /// <summary>Why no call is made when too many have not ended.</summary>
    public static LoginAnswer TooManyCalls { get; } = LoginAnswer.Without(
        "hanging",
        $"{MostCalls} calls of the credentials callback have not come to an end, and it is asked again when one has: let it end when its "
            + "cancellation token says so.");

    /// <summary>The login that never changes; <c>null</c> where each dial has to ask.</summary>
    public Login? Fixed { get; } = options.Credentials is not null ? null
        : options.Password is null ? Login.None
        : new Login(options.User, options.Password);

    /// <summary>Told when a login could not be renewed, in words for people.</summary>
    public Action<string>? NotRenewed { get; set; }

    public void TellNotRenewed(string what) => NotRenewed?.Invoke(what);

    /// <returns>Whether one more call may be made, whose end is to be told.</returns>
    public bool TryBeginCall()
    {
        if (Interlocked.Increment(ref _calls) <= MostCalls)
        {
            return true;
        }

        EndCall();
        return false;
    }

    public void EndCall() => Interlocked.Decrement(ref _calls);

    /// <summary>Asks for credentials, and makes a login of them.</summary>
    public async Task<LoginAnswer> AskAsync(CancellationToken cancellationToken)
    {
        RespCredentials? given = await options.Credentials!(name, cancellationToken).ConfigureAwait(false);
        return given is null ? LoginAnswer.Without("null", "the credentials callback gave null.") : AnswerOf(given);
    }

    private LoginAnswer AnswerOf(RespCredentials given)
    {
        // Whatever becomes of them, from here on they may turn up in what the node or the callback says.
        text.Hide(given.Password);
        if (given.ValidUntil is not { } end)
        {
            return LoginAnswer.Of(new Login(given.User, given.Password));
        }

        TimeProvider time = options.TimeProvider;
        TimeSpan left = end - time.GetUtcNow();
        if (left <= TimeSpan.Zero)
        {
            // The node would refuse them, or cut the connection at once, and they would be asked for in a storm.
            return LoginAnswer.Without(
                "expired",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the credentials callback gave credentials that ended at {end.UtcDateTime:u}, {(-left).TotalSeconds:0.#} s ago by the "
                        + $"clock of this machine: let it give fresh ones, and look at the clock."));
        }

        long endTicks = left > _never ? Login.Never : time.GetTimestamp() + ClockTicks.Of(time, left);
        return LoginAnswer.Of(new Login(given.User, given.Password, endTicks));
    }
}
