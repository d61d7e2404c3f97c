namespace Redlock.Fast.Resp;

/// <summary>As whom a node is entered, and until when: <see cref="RespNodeOptions.Credentials"/> gives it. Prints no password.</summary>
public sealed class RespCredentials
{
    /// <summary>Credentials for one login.</summary>
    /// <param name="user">The user of an access control list, or <c>null</c> for the default user.</param>
    /// <param name="password">The password, or a token in its place; empty for a user that needs none.</param>
    /// <param name="validUntil">
    /// When they end, by the wall clock of this machine (<see cref="TimeProvider.GetUtcNow"/> of the node's clock); <c>null</c>, the
    /// default, for never. Later than a century from now is never, too.
    /// </param>
    /// <exception cref="ArgumentException">The password ends in a line break, as a secret does that is read whole from a file.</exception>
    public RespCredentials(string? user, string password, DateTimeOffset? validUntil = null)
    {
        ArgumentNullException.ThrowIfNull(password);
        User = user;
        Password = NodePassword.EndsInLineBreak(password)
            ? throw new ArgumentException("It ends in a line break, as a file does that is read whole: trim it.", nameof(password))
            : password;
        ValidUntil = validUntil;
    }

    /// <summary>The user, or <c>null</c> for the default user: then AUTH is sent the password alone.</summary>
    public string? User { get; }

    /// <summary>The password or token. It appears in no text of this library, even if the node repeats it.</summary>
    public string Password { get; }

    /// <summary>When they end; <c>null</c> for never.</summary>
    public DateTimeOffset? ValidUntil { get; }

    /// <summary>The time they end, and nothing of them.</summary>
    public override string ToString() =>
        ValidUntil is { } end ? $"{nameof(RespCredentials)} until {end.UtcDateTime:u}" : $"{nameof(RespCredentials)} without an end";
}
