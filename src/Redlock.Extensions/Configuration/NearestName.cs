namespace Redlock.Fast.Extensions;

/// <summary>Guesses what somebody meant who misspelt a name.</summary>
internal static class NearestName
{
    /// <summary>The known name that differs least, or <c>null</c> if none is near.</summary>
    public static string? Of(string name, IEnumerable<string> known)
    {
        string? nearest = null;
        int least = int.MaxValue;
        foreach (string candidate in known)
        {
            int distance = Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant());
            if (distance < least)
            {
                (nearest, least) = (candidate, distance);
            }
        }

        // Of a short name half may be wrong; beyond that it is another word.
        return nearest is not null && least <= Math.Max(2, nearest.Length / 3) ? nearest : null;
    }

    /// <summary>How many letters must be put in, left out or exchanged.</summary>
    private static int Distance(string from, string to)
    {
        // What is far longer than any name is none of them, however much of it agrees.
        if (Math.Abs(from.Length - to.Length) > to.Length)
        {
            return int.MaxValue;
        }

        int[] row = new int[to.Length + 1];
        for (int place = 0; place < row.Length; place++)
        {
            row[place] = place;
        }

        foreach (char letter in from)
        {
            int diagonal = row[0]++;
            for (int place = 1; place < row.Length; place++)
            {
                int exchanged = diagonal + (letter == to[place - 1] ? 0 : 1);
                diagonal = row[place];
                row[place] = Math.Min(exchanged, Math.Min(diagonal, row[place - 1]) + 1);
            }
        }

        return row[^1];
    }
}
