using System.Text.Json.Serialization;

namespace Redlock.Fast.Service;

/// <summary>One request on the board, from its wish to its end.</summary>
internal sealed class Turn(Board board, int id) : IDisposable
{
    private bool _hasEnded;

    public void Hold() => board.Change(id, turn => turn with { Held = board.Now });

    public void End(TurnEnd end)
    {
        _hasEnded = true;
        board.Change(id, turn => turn with { Ended = board.Now, End = end });
    }

    /// <summary>Whoever leaves without a word has given up.</summary>
    public void Dispose()
    {
        if (!_hasEnded)
        {
            End(TurnEnd.GaveUp);
        }
    }
}

/// <summary>How a turn ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TurnEnd>))]
internal enum TurnEnd
{
    None = 0,
    Done,
    Contended,
    Unavailable,
    Lost,
    GaveUp,
}

/// <summary>A turn as the page shows it, with times in milliseconds.</summary>
internal sealed record TurnView(int Id, string Name, string By, double Wanted, double? Held, double? Ended, TurnEnd End);
