using System.Globalization;

namespace Redlock.Fast.Service;

/// <summary>What a client hears when he does not get his turn: problem details (RFC 9457), and when to ask again.</summary>
internal static class LockProblems
{
    // Nodes are dialed again within two seconds at most.
    private static readonly TimeSpan _untilDialedAgain = TimeSpan.FromSeconds(2);

    /// <summary>409: somebody else is at it, and all is well.</summary>
    public static IResult Contended(HttpResponse response, string name, TimeSpan usualTime)
    {
        AskAgain(response, usualTime);
        return TypedResults.Problem(
            statusCode: StatusCodes.Status409Conflict,
            title: "Somebody else is at it",
            detail: $"Another request holds {name}. Ask again later, or wait for your turn with ?wait=seconds.");
    }

    /// <summary>503: nobody can say whose turn it is. Where strangers call, what nodes said belongs into a log: it names hosts.</summary>
    public static IResult Unavailable(HttpResponse response, string name, LockResult taken)
    {
        // Behind a wrong password or a wrong server nothing gets better by itself.
        if (!taken.LooksMisconfigured)
        {
            AskAgain(response, _untilDialedAgain);
        }

        return TypedResults.Problem(
            statusCode: StatusCodes.Status503ServiceUnavailable,
            title: "Locks can't be had",
            detail: $"Too few nodes answered to tell who holds {name}; nothing was shipped.",
            extensions: new Dictionary<string, object?> { ["nodes"] = taken.Nodes.Select(node => node.ToString()) });
    }

    /// <summary>500, as a client must not simply ask again: the work was under way, and may or may not be done.</summary>
    public static IResult Lost(string name) => TypedResults.Problem(
        statusCode: StatusCodes.Status500InternalServerError,
        title: "The lock was lost on the way",
        detail: $"Too few nodes could be reached to keep {name}, so the work was broken off. Look at the order before you ship it again.");

    private static void AskAgain(HttpResponse response, TimeSpan after) =>
        response.Headers.RetryAfter = Math.Ceiling(after.TotalSeconds).ToString(CultureInfo.InvariantCulture);
}
