namespace Redlock.Fast.Simulation;

/// <summary>Who hears what a node publishes.</summary>
internal interface INodeListener
{
    /// <summary>The node sends it what was published on a channel.</summary>
    void Say(string channel, string payload);
}
