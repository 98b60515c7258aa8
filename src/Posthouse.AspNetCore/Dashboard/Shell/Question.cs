using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace Posthouse.AspNetCore.Dashboard.Shell;

/// <summary>What is asked before anything is changed. Sending the form is the answer.</summary>
/// <param name="Sentence">What will happen, and what cannot be taken back.</param>
/// <param name="Verb">What the button says.</param>
/// <param name="Action">Where the form goes.</param>
/// <param name="Back">Where a person goes who says no.</param>
internal sealed record Question(string Sentence, string Verb, string Action, string Back)
{
    /// <summary>Whether something is given up by it.</summary>
    public bool IsGrave { get; init; }

    /// <summary>Names and values that go with the answer.</summary>
    public IReadOnlyList<(string Name, string Value)> Fields { get; init; } = [];

    /// <summary>What stands between the sentence and the button: a field to fill, or what it is about.</summary>
    public RenderFragment? More { get; init; }

    /// <summary>The page that asks.</summary>
    public Page Page(string title, Room? room, HttpContext context) =>
        new(title, room, Ask.Of(this, DashboardEdge.Of(context).Forms.Proof(context))) { IsLive = false };
}
