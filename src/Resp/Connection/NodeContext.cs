namespace Redlock.Fast.Resp;

/// <summary>What every part of a connection has to know of its node.</summary>
/// <param name="Name">The node's name, printable.</param>
/// <param name="Options">The node's options.</param>
/// <param name="Text">Puts into words what the node says.</param>
internal sealed record NodeContext(string Name, RespNodeOptions Options, ServerText Text)
{
    /// <summary>Knows the node that a dialer leads to.</summary>
    public NodeContext(Dialer dialer, RespNodeOptions options)
        : this(PrintableText.Of(dialer.Address), options, new ServerText(options.Password))
    {
    }

    /// <summary>Where its logins come from.</summary>
    public LoginSource Logins { get; } = new(Name, Options, Text);

    /// <summary>The node's clock.</summary>
    public TimeProvider Time => Options.TimeProvider;

    /// <summary>On what the node runs.</summary>
    public NodeScheduler Scheduler => Options.Scheduler;
}
