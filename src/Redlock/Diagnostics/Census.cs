using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>
/// Who is there, for whoever asks now and then. Members pay for it once, when they are made, and go when nobody knows them any more.
/// </summary>
internal sealed class Census<TMember>
    where TMember : class
{
    private readonly Gate _gate = new();
    private WeakReference<TMember>[] _members = new WeakReference<TMember>[16];
    private int _count;

    /// <returns>The same.</returns>
    public TMember Add(TMember member)
    {
        WeakReference<TMember> entry = new(member);
        using (_gate.Enter())
        {
            if (_count == _members.Length)
            {
                ForgetGone();

                // Else every one that is made would look for those that are gone.
                if (_count > _members.Length / 2)
                {
                    Array.Resize(ref _members, _members.Length * 2);
                }
            }

            _members[_count++] = entry;
        }

        return member;
    }

    /// <summary>Those who are there now, to be looked at without the gate.</summary>
    public List<TMember> Present()
    {
        List<TMember> present = [];
        using (_gate.Enter())
        {
            for (int index = 0; index < _count; index++)
            {
                if (_members[index].TryGetTarget(out TMember? member))
                {
                    present.Add(member);
                }
            }
        }

        return present;
    }

    private void ForgetGone()
    {
        _gate.AssertEntered();
        int present = 0;
        for (int index = 0; index < _count; index++)
        {
            WeakReference<TMember> entry = _members[index];
            if (entry.TryGetTarget(out _))
            {
                _members[present++] = entry;
            }
        }

        Array.Clear(_members, present, _count - present);
        _count = present;
    }
}
