using Microsoft.AspNetCore.Http;
using Posthouse.Mesh.Hosting;

namespace Posthouse.AspNetCore.Mesh;

/// <summary>Gives the node another key.</summary>
internal static class KeyRoutes
{
    public static async Task RotateAsync(HttpContext context, MeshNode node)
    {
        ChangedKey changed;
        try
        {
            changed = await node.ChangeKeyAsync();
        }
        catch (PosthouseException refused) when (refused.Code == ErrorCodes.OptionsInvalid)
        {
            await MeshAnswers.FailAsync(context, StatusCodes.Status409Conflict, MeshErrors.KeyNotChanged, refused.Message);
            return;
        }

        await MeshAnswers.OkAsync(context, json =>
        {
            json.WriteString("node_id", changed.Old.ToString());
            json.WriteString("next_node_id", changed.New.ToString());
            json.WriteString("public_key", changed.Key.ToString());
            json.WriteString("old_key_file", changed.Aside);
            json.WriteNumber("told_peers", changed.Told);
            json.WriteString("trust", node.Options.Trust.ToString().ToLowerInvariant());
        });
    }
}
