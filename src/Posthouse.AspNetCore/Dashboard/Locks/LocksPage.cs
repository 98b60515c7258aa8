using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.AspNetCore.Dashboard.Shell;

namespace Posthouse.AspNetCore.Dashboard.Locks;

/// <summary><c>/locks</c>: what this machine holds or waits for. Deciding about locks needs the clone, and so the verbs.</summary>
internal static class LocksPage
{
    public static void Map(IEndpointRouteBuilder endpoints, DashboardEdge edge) => endpoints.MapPage(edge, Room.Locks.Path, context =>
    {
        var known = context.RequestServices.GetService<ILockView>()?.Look() ?? new KnownLocks([], []);
        var body = LockTable.Of(known, edge.Time.GetUtcNow());
        return Task.FromResult<Microsoft.AspNetCore.Http.IResult>(context.Request.Query["part"] == "locks" ? new Part(body) : new Page("Locks", Room.Locks, body));
    });
}
